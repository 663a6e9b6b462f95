/** up/keeping — where a running twin's changes and secrets are kept, or that they are not. */
import { randomBytes } from 'node:crypto';
import type { Certificates } from './certificates.ts';

/** What keeps changes. */
export interface Journal {
  /**
   * Resolves when everything written so far survives a crash.
   *
   * @throws StorageError when it could not be kept
   */
  kept(): Promise<void>;
  /** Why nothing more can be kept, while it is so. */
  readonly trouble: string | undefined;
}

/** What clients know the twin by; kept, so that kubeconfigs stay true. */
export interface Secrets {
  readonly certificates?: Certificates | undefined;
  readonly token: string;
  readonly awsSecret: string;
}

export const newSecrets = (): Secrets => ({
  token: randomBytes(24).toString('base64url'),
  awsSecret: randomBytes(30).toString('base64'),
});

export interface Keeping extends Journal {
  /** Undefined: in memory. */
  readonly folder: string | undefined;
  readonly secrets: Secrets;
  keepSecrets(secrets: Secrets): void;
  /** Writes what is not written yet, and lets go of the folder. */
  close(): Promise<void>;
}

/** Nothing is kept: the twin is gone with its process. */
export function inMemory(): Keeping {
  return {
    folder: undefined,
    secrets: newSecrets(),
    trouble: undefined,
    kept: () => Promise.resolve(),
    keepSecrets() {},
    close: () => Promise.resolve(),
  };
}
