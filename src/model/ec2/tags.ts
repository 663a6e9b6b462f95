/** model/ec2/tags — AWS tags as a plain record. */
export type Tags = Readonly<Record<string, string>>;

/** A tag as indexes look it up. */
export const tagTerm = (key: string, value: string): string => `${key}=${value}`;

/** Every tag as indexes look it up. */
export const tagTerms = (tags: Tags): readonly string[] =>
  Object.entries(tags).map(([key, value]) => tagTerm(key, value));
