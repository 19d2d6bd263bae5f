// tree.ts - places in the order of their tree.
import type { Schemas } from '../api';

type Place = Schemas['Place'];

// Each place after the one it lies in, with its depth. Places whose parent is not given stand on top.
export function inTree(places: Place[]): { place: Place; depth: number }[] {
  const below = new Map<string | null, Place[]>();
  const codes = new Set(places.map((p) => p.code));
  for (const p of places) {
    const parent = p.parent && codes.has(p.parent) ? p.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), p]);
  }
  const walk = (parent: string | null, depth: number): { place: Place; depth: number }[] =>
    (below.get(parent) ?? []).flatMap((place) => [{ place, depth }, ...walk(place.code, depth + 1)]);
  return walk(null, 0);
}
