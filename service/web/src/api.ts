// api.ts - the service's own API, typed from its OpenAPI document.
//
//   const { items } = await call(api.GET('/api/v1/stores/{store}/ledgers', { params: { path: { store } } }));
//   call() gives the answer's body or throws a Problem; without reception its code is 'no_reception'.
import createClient from 'openapi-fetch';
import type { paths, components } from './schema';
import { pick } from './i18n';

export type Schemas = components['schemas'];

export interface ProblemDocument {
  status: number;
  code: string;
  detail: string;
  detail_en?: string;
  line?: number;
  available?: number;
  item?: string;
  errors?: { field: string; code: string; detail: string; detail_en?: string }[];
}

export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.detail);
  }

  get code() {
    return this.document.code;
  }

  // What to do, in the reader's language.
  get text() {
    return pick(this.document.detail, this.document.detail_en ?? this.document.detail);
  }
}

export const noReception = () => new Problem({
  status: 0, code: 'no_reception', detail: '网络不通，请稍候重试。', detail_en: 'No connection. Try again in a moment.',
});

export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });

// For what is asked without a body: a foreign site's form cannot say this.
export const asJson = { 'Content-Type': 'application/json' };

// Somebody signed out elsewhere, or the sign-in has run out.
export const signedOut = new EventTarget();

interface Answer<T> { data?: T; error?: unknown; response: Response }

export async function call<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    throw noReception();
  }
  if (answer.response.ok) return answer.data as T;
  const document = (typeof answer.error === 'object' && answer.error
    ? answer.error : { status: answer.response.status, code: 'no_reception', detail: noReception().text }) as ProblemDocument;
  if (document.code === 'signed_out') signedOut.dispatchEvent(new Event('signed_out'));
  throw new Problem(document);
}

export const asProblem = (error: unknown) => (error instanceof Problem ? error : noReception());
