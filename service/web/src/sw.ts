// The service worker: the offline shell. What the API says is never kept here; slips wait in IndexedDB.
import { cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope & { __PRECACHE: PrecacheEntry[] };

self.addEventListener('install', () => { void self.skipWaiting(); });
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
cleanupOutdatedCaches();
precacheAndRoute(self.__PRECACHE, { directoryIndex: '' });
