/**
 * formats/read-inputs — everything a user passes with -f, told apart by what it holds and not by
 * its name: eksctl ClusterConfigs, CloudFormation templates, Kubernetes objects, aws CLI output.
 */
import { InputError, type Note, type Where } from '../model/input-error.ts';
import { storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import {
  type AwsExport,
  emptyExport,
  isAwsDocument,
  readAwsDocument,
} from './aws/aws-documents.ts';
import { isTemplate, readTemplate, type Template } from './cloudformation/template.ts';
import { completeExport } from './complete-export.ts';
import { documentsOf } from './documents.ts';
import type { ClusterConfig } from './eksctl/cluster-config.ts';
import { readClusterConfig } from './eksctl/read-cluster-config.ts';
import { type ExportMark, isExportMark } from './export-folder.ts';
import {
  isKubernetesObject,
  type LocatedObject,
  readKubernetesObjects,
} from './kubernetes-objects.ts';
import { cniConfigNote, isCniConfig, refuseToolText } from './machine-text.ts';
import { isRecord, type SourceDocument, type SourceFile } from './source.ts';

export interface Inputs {
  readonly clusterConfigs: readonly ClusterConfig[];
  readonly templates: readonly Template[];
  /** In the order of the files; a later one of the same name comes after, as kubectl applies. */
  readonly objects: readonly LocatedObject[];
  readonly aws: AwsExport;
  /** Set when the folder was written by `ekstwin export`. */
  readonly mark: ExportMark | undefined;
  readonly notes: readonly Note[];
}

interface Draft {
  readonly clusterConfigs: ClusterConfig[];
  readonly templates: Template[];
  readonly objects: LocatedObject[];
  readonly aws: AwsExport;
  mark: ExportMark | undefined;
  readonly notes: Note[];
}

/** Things people have lying beside their manifests: what they look like, and what to do. */
const STRANGERS: readonly (readonly [
  isIt: (value: Readonly<Record<string, unknown>>) => boolean,
  what: string,
  hint: string,
])[] = [
  [
    (v) => v.name !== undefined && v.apiVersion !== undefined && v.version !== undefined,
    'a Helm chart (Chart.yaml)',
    'Pass what helm template prints.',
  ],
  [(v) => isRecord(v.services), 'a Docker Compose file', 'Pass Kubernetes manifests instead.'],
  [
    (v) => v.dependencies !== undefined || v.devDependencies !== undefined,
    'a package.json',
    'Leave it out of the folder.',
  ],
  [
    (v) => v.terraform_version !== undefined,
    'a Terraform state',
    'Pass aws … describe-* exports of what Terraform made.',
  ],
  [(v) => isRecord(v.jobs), 'a CI workflow', 'Leave it out of the folder.'],
  [(v) => v.$schema !== undefined || v.properties !== undefined, 'a JSON schema', 'Leave it out.'],
  [
    (v) => v.kind !== undefined && v.apiVersion === undefined,
    'a Kubernetes object without apiVersion',
    'Add apiVersion, e.g. v1 or apps/v1.',
  ],
  [
    (v) => v.apiVersion !== undefined && v.kind === undefined,
    'a Kubernetes object without kind',
    'Add kind, e.g. Deployment.',
  ],
  [
    (v) => v.image !== undefined || v.replicaCount !== undefined,
    'a Helm values file',
    'Pass what helm template prints.',
  ],
];

function refuseStranger(document: SourceDocument): never {
  const { value } = document;
  const hint =
    'Known: eksctl ClusterConfig, CloudFormation, Kubernetes objects, aws describe-* JSON.';
  if (!isRecord(value)) {
    const what = Array.isArray(value) ? 'a list' : `the ${typeof value} ${JSON.stringify(value)}`;
    throw new InputError(document.where(), `nothing ekstwin knows: ${what}`, hint);
  }
  const stranger = STRANGERS.find(([isIt]) => isIt(value));
  const members = Object.keys(value).slice(0, 5).join(', ');
  throw new InputError(
    document.where(),
    stranger === undefined
      ? `nothing ekstwin knows: an object with ${members === '' ? 'no members' : members}`
      : `nothing ekstwin knows: this looks like ${stranger[1]}`,
    stranger?.[2] ?? hint,
  );
}

const isKustomization = (document: SourceDocument): boolean => {
  const kind = isRecord(document.value) ? document.value.kind : undefined;
  return (
    kind === 'Kustomization' ||
    kind === 'Component' ||
    (kind === undefined && /(^|\/)kustomization\.ya?ml$/.test(document.file))
  );
};

function readDocument(document: SourceDocument, draft: Draft, defaultNamespace?: string): void {
  const { value } = document;
  const { kind, apiVersion } = isRecord(value) ? value : {};
  if (isExportMark(value)) {
    draft.mark = value;
  } else if (String(apiVersion).startsWith('eksctl.io/') && kind === 'ClusterConfig') {
    draft.clusterConfigs.push(readClusterConfig(document));
  } else if (isKustomization(document)) {
    draft.notes.push({
      where: document.where(),
      text: 'kustomization.yaml is left out: overlays are not built; pass what kubectl kustomize prints to have them',
    });
  } else if (kind === 'Config' && isRecord(value) && value.clusters !== undefined) {
    draft.notes.push({ where: document.where(), text: 'a kubeconfig is left out' });
  } else if (isKubernetesObject(value)) {
    for (const object of readKubernetesObjects(document, defaultNamespace))
      draft.objects.push(object);
  } else if (isCniConfig(value)) {
    draft.notes.push(cniConfigNote(document));
  } else if (isTemplate(value)) {
    draft.templates.push(readTemplate(document));
  } else if (isAwsDocument(value)) {
    readAwsDocument(document, draft.aws);
  } else {
    refuseStranger(document);
  }
}

/** One note per object given twice, naming both places. */
function noteRepeats(objects: readonly LocatedObject[], notes: Note[]): void {
  const places = new Map<string, Where>();
  for (const { object, where } of objects) {
    if (object.metadata.name === undefined) continue;
    const key = `${storeKindOf(object)} ${storeKeyOf(object)}`;
    const before = places.get(key);
    if (before !== undefined) {
      notes.push({
        where,
        text: `${object.kind} ${object.metadata.name} is also in ${before}; both are applied in order, this one last`,
      });
    }
    places.set(key, where);
  }
}

/**
 * Reads the files.
 *
 * @param defaultNamespace  of objects that name none; `default` unless given
 *
 * @throws InputError at file:line:column of the first thing that cannot be read
 */
export function readInputs(files: readonly SourceFile[], defaultNamespace?: string): Inputs {
  if (files.length === 0) {
    throw new InputError(
      '-f',
      'no .yaml, .yml or .json file here',
      'Pass a file or a folder that holds some, e.g. -f cluster.yaml -f manifests/.',
    );
  }
  const draft: Draft = {
    clusterConfigs: [],
    templates: [],
    objects: [],
    aws: emptyExport(),
    mark: undefined,
    notes: [],
  };
  for (const file of files) {
    refuseToolText(file);
    const documents = documentsOf(file);
    if (documents.length === 0) draft.notes.push({ where: file.path, text: 'the file is empty' });
    for (const document of documents) readDocument(document, draft, defaultNamespace);
  }
  noteRepeats(draft.objects, draft.notes);
  const aws = completeExport(draft.aws, draft.mark);
  return { ...draft, aws, notes: [...draft.notes, ...aws.notes] };
}
