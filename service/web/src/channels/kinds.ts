// kinds.ts - the kinds of channels: what each needs.
import type { Schemas } from '../api';

export type Channel = Schemas['Channel'];
export type Kind = Channel['kind'];

// secret: none, may be given, must be (then one is made up).
export const KINDS: Record<Kind, { secret: 'none' | 'may' | 'must' }> = {
  wecom: { secret: 'none' }, dingtalk: { secret: 'may' }, feishu: { secret: 'may' }, email: { secret: 'none' }, webhook: { secret: 'must' },
};
export const kinds = Object.keys(KINDS) as Kind[];

// A secret for a webhook, as Standard Webhooks has them.
export const newSecret = () => `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
