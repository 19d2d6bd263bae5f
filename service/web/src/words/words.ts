// words.ts - what a dictionary is: each text in Chinese and in English.
export type Words = Record<string, readonly [zh: string, en: string]>;
