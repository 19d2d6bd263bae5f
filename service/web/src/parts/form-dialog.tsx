// form-dialog.tsx - a form in a dialog: cells, its problem, one wide button. Closes when it is done.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { words } from '../i18n';
import { fields, useAction } from './action';
import { Dialog } from './dialog';
import { Notice } from './notice';

const t = words({});

export function FormDialog({ title, hint, submit, onClose, children }: {
  title: string;
  hint?: ComponentChildren;
  submit: (values: Record<string, string>) => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const { busy, problem, run } = useAction();
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current!.querySelector<HTMLElement>('input, select, textarea')!.focus(), []); // the dialog is open by then
  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} onSubmit={async (event) => {
        const values = fields(event);
        if (await run(() => submit(values))) onClose();
      }}>
        {hint && <p>{hint}</p>}
        <div class="cells">{children}</div>
        {problem && <Notice problem={problem} />}
        <button type="submit" class="wide" aria-busy={busy} disabled={busy}>{t('save')}</button>
      </form>
    </Dialog>
  );
}
