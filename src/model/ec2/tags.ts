/** model/ec2/tags — AWS tags as a plain record. */
export type Tags = Readonly<Record<string, string>>;
