/**
 * api/kubernetes/table/storage — volumes, claims and what provides them, as `kubectl get` shows
 * them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go
 * printPersistentVolume, printPersistentVolumeClaim, printStorageClass, printCSIDriver,
 * printCSINode, printVolumeAttachment.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { NONE, UNSET } from './cell-text.ts';
import { AGE, ageOf, column, count, flag, NAME, type RowPrinter, wide } from './column.ts';

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** Short names of access modes, each once, in upstream's order. */
const modesText = (modes: readonly string[] | undefined): string =>
  Object.keys(MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => MODES[mode])
    .join(',');

interface Volume extends KubernetesObject {
  readonly spec?: {
    readonly capacity?: { readonly storage?: string };
    readonly accessModes?: readonly string[];
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  readonly status?: { readonly phase?: string; readonly reason?: string };
}

export const volumeRows: RowPrinter<Volume> = {
  columns: [
    NAME,
    column('Capacity', 'How much it holds.'),
    column('Access Modes', 'How it can be mounted.'),
    column('Reclaim Policy', 'What becomes of it when its claim goes.'),
    column('Status', 'Whether it is bound.'),
    column('Claim', 'The claim it is bound to.'),
    column('StorageClass', 'The class it is of.'),
    column('VolumeAttributesClass', 'The class of its attributes.'),
    column('Reason', 'Why it is in this state.'),
    AGE,
    wide('VolumeMode', 'File system or block device.'),
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec?.capacity?.storage ?? '0',
    modesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    spec?.claimRef === undefined
      ? ''
      : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
    metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '',
    spec?.volumeAttributesClassName ?? UNSET,
    status?.reason ?? '',
    ageOf(metadata, nowMs),
    spec?.volumeMode ?? UNSET,
  ],
};

interface Claim extends KubernetesObject {
  readonly spec?: {
    readonly volumeName?: string;
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly capacity?: { readonly storage?: string };
    readonly accessModes?: readonly string[];
  };
}

export const claimRows: RowPrinter<Claim> = {
  columns: [
    NAME,
    column('Status', 'Whether it has a volume.'),
    column('Volume', 'The volume it is bound to.'),
    column('Capacity', 'How much the volume holds.'),
    column('Access Modes', 'How the volume can be mounted.'),
    column('StorageClass', 'The class it asks for.'),
    column('VolumeAttributesClass', 'The class of attributes it asks for.'),
    AGE,
    wide('VolumeMode', 'File system or block device.'),
  ],
  cells: ({ metadata, spec, status }, nowMs) => {
    const isBound = Boolean(spec?.volumeName);
    return [
      metadata.name,
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
      spec?.volumeName ?? '',
      isBound ? (status?.capacity?.storage ?? '0') : '',
      isBound ? modesText(status?.accessModes) : '',
      metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '',
      spec?.volumeAttributesClassName ?? UNSET,
      ageOf(metadata, nowMs),
      spec?.volumeMode ?? UNSET,
    ];
  },
};

interface StorageClass extends KubernetesObject {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
  readonly allowVolumeExpansion?: boolean;
}

export const storageClassRows: RowPrinter<StorageClass> = {
  columns: [
    NAME,
    column('Provisioner', 'The driver that makes its volumes.'),
    column('ReclaimPolicy', 'What becomes of volumes without a claim.'),
    column('VolumeBindingMode', 'When volumes are made.'),
    column('AllowVolumeExpansion', 'Whether volumes can grow.'),
    AGE,
  ],
  cells: ({ metadata, ...it }, nowMs) => [
    DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true')
      ? `${metadata.name} (default)`
      : metadata.name,
    it.provisioner ?? '',
    it.reclaimPolicy ?? 'Delete',
    it.volumeBindingMode ?? 'Immediate',
    it.allowVolumeExpansion ?? false,
    ageOf(metadata, nowMs),
  ],
};

interface Driver extends KubernetesObject {
  readonly spec?: {
    readonly attachRequired?: boolean;
    readonly podInfoOnMount?: boolean;
    readonly storageCapacity?: boolean;
    readonly requiresRepublish?: boolean;
    readonly tokenRequests?: readonly { readonly audience: string }[];
    readonly volumeLifecycleModes?: readonly string[];
  };
}

export const csiDriverRows: RowPrinter<Driver> = {
  columns: [
    NAME,
    flag('AttachRequired', 'Whether volumes are attached to nodes.'),
    flag('PodInfoOnMount', 'Whether it is told whose volume it mounts.'),
    flag('StorageCapacity', 'Whether it says how much room there is.'),
    column('TokenRequests', 'The audiences of the tokens it is given.'),
    flag('RequiresRepublish', 'Whether mounts are renewed.'),
    column('Modes', 'The life cycles it knows.'),
    AGE,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec?.attachRequired ?? true,
    spec?.podInfoOnMount ?? false,
    spec?.storageCapacity ?? false,
    spec?.tokenRequests?.map(({ audience }) => audience).join(',') ?? UNSET,
    spec?.requiresRepublish ?? false,
    spec?.volumeLifecycleModes?.join(',') || NONE,
    ageOf(metadata, nowMs),
  ],
};

interface CsiNode extends KubernetesObject {
  readonly spec?: { readonly drivers?: readonly unknown[] };
}

export const csiNodeRows: RowPrinter<CsiNode> = {
  columns: [NAME, count('Drivers', 'How many drivers run on the node.'), AGE],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec?.drivers?.length ?? 0,
    ageOf(metadata, nowMs),
  ],
};

interface Attachment extends KubernetesObject {
  readonly spec?: {
    readonly attacher?: string;
    readonly nodeName?: string;
    readonly source?: { readonly persistentVolumeName?: string };
  };
  readonly status?: { readonly attached?: boolean };
}

export const volumeAttachmentRows: RowPrinter<Attachment> = {
  columns: [
    NAME,
    column('Attacher', 'The driver that attaches it.', { format: 'name' }),
    column('PV', 'The volume.'),
    column('Node', 'The node.'),
    flag('Attached', 'Whether it is attached.'),
    AGE,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec?.attacher ?? '',
    spec?.source?.persistentVolumeName ?? '',
    spec?.nodeName ?? '',
    status?.attached ?? false,
    ageOf(metadata, nowMs),
  ],
};
