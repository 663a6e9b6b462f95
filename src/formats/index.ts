/**
 * formats — files in and out: what people have (eksctl, CloudFormation, Kubernetes, aws exports)
 * becomes calls on the cloud and objects for the cluster; a twin becomes a folder of exports.
 */
export { adoptExports } from './adopt-exports.ts';
export { AWS_KINDS, awsDocument } from './aws/nouns.ts';
export { applyCloudFormation } from './cloudformation/apply.ts';
export { applyClusterConfig } from './eksctl/build-cluster.ts';
export {
  EXPORT_MARK,
  type ExportMeta,
  exportTwin,
  isExportMark,
} from './export-folder.ts';
export type { LocatedObject } from './kubernetes-objects.ts';
export { mermaid } from './mermaid.ts';
export { type Inputs, readInputs } from './read-inputs.ts';
export type { SourceFile } from './source.ts';
