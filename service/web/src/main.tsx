// main.tsx - the app starts here.
import { render } from 'preact';
import { App } from './app';
import { start } from './outbox/send';
import { refresh, user } from './session';

render(<App />, document.getElementById('app')!);
start();
if (user.get()) void refresh();
if ('serviceWorker' in navigator && isSecureContext) void navigator.serviceWorker.register('/sw.js');
