// item-icon.tsx - a line drawing of an item, as a help to the eye; a box for one that has none.
const drawings: Record<string, string> = {
  'disposable-mask': 'M5 9c3-1.6 11-1.6 14 0v5.5c-3 4-11 4-14 0zM5 10c-3.4-.8-3.4 4 0 4M19 10c3.4-.8 3.4 4 0 4M8.5 11.5h7M8.5 14.5h7',
  n95: 'M4 13c0-4 4-7 8-7s8 3 8 7c0 3-4 5.5-8 5.5S4 16 4 13zM4.5 11 2 8M19.5 11 22 8M12 6v2.5M9.5 13a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0',
  glove: 'M8 21v-4l-3.2-4.4c-.8-1.3.9-2.5 1.9-1.3L8.3 13V6a1.2 1.2 0 0 1 2.4 0v4.5V4.4a1.2 1.2 0 0 1 2.4 0v6.1V5.4a1.2 1.2 0 0 1 2.4 0V11 8a1.2 1.2 0 0 1 2.4 0v7L16 18v3z',
  'face-shield': 'M3 9c0-4 4-6 9-6s9 2 9 6M5 8h14c0 8-3 13-7 13S5 16 5 8zM8 11c.3 3 1.2 5 2.5 6.5',
  'isolation-gown': 'M9 3 4 6 3 14h3.5v7h11v-7H21l-1-8-5-3c-1 2.2-5 2.2-6 0zM6.5 14V10M17.5 14v-4M6.5 15.5h11',
  'protective-suit': 'M8 8.5V7a4 4 0 0 1 8 0v1.5l3 2L20.5 16H17v5.5h-4V16h-2v5.5H7V16H3.5L5 10.5zM10 7h4M12 9.5V14',
  'hand-gel': 'M7.5 11h9v10h-9zM10 11V7.5h4V11M12 7.5V4h4M12 13.5v5M9.5 16h5',
};

export const ItemIcon = ({ item }: { item: string }) => (
  <svg class="item-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
    <path d={drawings[item] ?? 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8'} />
  </svg>
);
