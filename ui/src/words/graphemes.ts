const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A text as the characters that people see: an emoji of several code points is one. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), (s) => s.segment);
}

/** The first characters of a text; no character is cut in two. */
export function firstOf(text: string, most: number): string {
  return text.length <= most ? text : graphemes(text).slice(0, most).join('');
}

/** What stands for a person where there is no room for the name: the first characters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => graphemes(word ?? '')[0]?.toLocaleUpperCase() ?? '').join('');
}
