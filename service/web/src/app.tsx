// app.tsx - signing in, the menu, and the page of the present address.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { language, words } from './i18n';
import type { PageProps } from './page-props';
import { findPage, pages, titles, type Page } from './pages';
import { OutboxBadge } from './parts/badge';
import { LanguageSwitch } from './parts/language-switch';
import { Loading, Notice } from './parts/notice';
import { SignIn } from './parts/sign-in';
import { noReception, type Problem } from './api';
import { go, href, route } from './router';
import { has, user } from './session';
import { useSignal } from './signal';

const t = words(titles);
const mayOpen = (page: Page) => page.roles === 'all' || page.roles.some(has);

function Menu({ current }: { current: Page | null }) {
  return (
    <nav class="menu" aria-label={t('app')}>
      <ul>
        {pages.filter((p) => p.menu && mayOpen(p)).map((p) => (
          <li key={p.path}>
            <a href={href(p.path)} aria-current={current?.title === p.title ? 'page' : undefined}>
              <span class="sign" aria-hidden="true">{p.menu}</span>{t(p.title)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

// The page's file, loaded once it is needed.
function PageView({ page, ...props }: PageProps & { page: Page }) {
  const [loaded, setLoaded] = useState<{ page: Page; view: ComponentType<PageProps> } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    setProblem(null);
    page.load().then((module) => setLoaded({ page, view: module.default }), () => setProblem(noReception()));
  }, [page]);
  if (problem) return <Notice problem={problem} />;
  if (loaded?.page.title !== page.title) return <Loading />;
  const View = loaded.view;
  return <View key={page.stays ? page.title : location.hash.split('?')[0]} {...props} />;
}

export function App() {
  const now = useSignal(language);
  const who = useSignal(user);
  const at = useSignal(route);
  const found = who ? findPage(at.parts) : null;
  const page = found && mayOpen(found.page) ? found.page : null;

  useEffect(() => {
    document.documentElement.lang = now === 'zh' ? 'zh-CN' : 'en';
    document.title = page ? `${t(page.title)} · ${t('app')}` : t('app');
  }, [now, page]);
  useEffect(() => {
    if (!who || page) return;
    const home = pages.find((p) => p.menu && mayOpen(p));
    if (home) go(home.path);
  }, [who, page]);

  if (!who) return <SignIn />;
  return (
    <>
      <header class="top">
        <strong>{page ? t(page.title) : t('app')}</strong>
        <OutboxBadge />
        <span class="who">{who.display_name}</span>
        <LanguageSwitch />
      </header>
      <Menu current={page} />
      <main>{page && found ? <PageView page={page} args={found.args} query={at.query} /> : <Loading />}</main>
    </>
  );
}
