// dialog.tsx - a question in a native dialog: focus stays in it, Escape closes it, and goes back to where
// it was when the dialog closes or is taken away.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { words } from '../i18n';

const t = words({});

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const there = useRef(true);
  useLayoutEffect(() => { // before the next key: focus goes back to where it is now
    const element = dialog.current!;
    element.showModal();
    return () => {
      there.current = false;
      element.close();
    };
  }, []);
  return (
    <dialog ref={dialog} onClose={() => there.current && onClose()} aria-label={title}>
      <article>
        <header>
          <button type="button" class="plain right" aria-label={t('close')} onClick={() => dialog.current?.close()}>✕</button>
          <strong>{title}</strong>
        </header>
        {children}
      </article>
    </dialog>
  );
}
