/** formats/eksctl/read-cluster-config — a ClusterConfig document, decoded strictly, validated. */
import type { Note } from '../../model/input-error.ts';
import type { Path, SourceDocument } from '../source.ts';
import type { ClusterConfig, ClusterSpec } from './cluster-config.ts';
import { decodeClusterConfig } from './schema.ts';
import { validateClusterConfig } from './validate.ts';

/**
 * Reads and validates one ClusterConfig document.
 *
 * @throws InputError with eksctl's own text, at file:line:column
 */
export function readClusterConfig(document: SourceDocument): ClusterConfig {
  const spec = decodeClusterConfig(document) as ClusterSpec;
  const where = (path: Path = []): string => document.where(path);
  const notes: Note[] = [];
  validateClusterConfig({ spec, where, notes }, notes);
  return { spec, where, notes };
}
