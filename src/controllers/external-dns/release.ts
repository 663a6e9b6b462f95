/**
 * controllers/external-dns/release — what releases of external-dns do differently.
 *
 * Upstream: kubernetes-sigs/external-dns: ecb88cfb (annotations of general availability), 4a6c8589
 * (a policy must be given) and 6a1faae9 (ownership of an alias A under `a-`), all in v0.22.0;
 * 9f16d835 (no record of the old format) in v0.18.0; 7c23e01e (an AAAA for every alias) in v0.16.0.
 */
export interface Release {
  /** `0.22`. */
  readonly minor: number;
  readonly annotationPrefix: string;
  /** undefined: it must be given. */
  readonly defaultPolicy: 'sync' | undefined;
  /** The type whose prefix the ownership record of an alias A has. */
  readonly aliasOwnershipType: 'A' | 'CNAME';
  /** An ownership record without a type too, unless told otherwise. */
  readonly writesOldFormat: boolean;
  readonly writesAliasAaaa: boolean;
}

/** The newest release that is followed here. */
const NEWEST_MINOR = 22;

/** Of an image, `registry.k8s.io/external-dns/external-dns:v0.21.0`; the newest without a tag. */
export function releaseOf(image: string): Release {
  const tag = /:v?0\.(\d+)(?:\.\d+)?/.exec(image)?.[1];
  const minor = tag === undefined ? NEWEST_MINOR : Number(tag);
  const isStable = minor >= 22;
  return {
    minor,
    annotationPrefix: `external-dns.${isStable ? '' : 'alpha.'}kubernetes.io/`,
    defaultPolicy: isStable ? undefined : 'sync',
    aliasOwnershipType: isStable ? 'A' : 'CNAME',
    writesOldFormat: minor < 18,
    writesAliasAaaa: minor >= 16,
  };
}
