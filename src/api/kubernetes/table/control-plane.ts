/**
 * api/kubernetes/table/control-plane — certificate requests and the health of the control plane, as
 * `kubectl get csr` and `kubectl get cs` show them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go
 * printCertificateSigningRequest, extractCSRStatus, printComponentStatus.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { AGE, ageOf, column, NAME, type RowPrinter } from './column.ts';
import { humanDuration } from './human-duration.ts';

interface SigningRequest extends KubernetesObject {
  readonly spec?: {
    readonly signerName?: string;
    readonly username?: string;
    readonly expirationSeconds?: number;
  };
  readonly status?: {
    readonly certificate?: string;
    readonly conditions?: readonly { readonly type: string }[];
  };
}

function conditionOf({ status }: SigningRequest): string {
  const types = new Set(status?.conditions?.map(({ type }) => type));
  return [
    types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending',
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(status?.certificate ? ['Issued'] : []),
  ].join(',');
}

interface ComponentStatus extends KubernetesObject {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
    readonly error?: string;
  }[];
}

export const componentStatusRows: RowPrinter<ComponentStatus> = {
  columns: [
    NAME,
    column('Status', 'Whether it is well.'),
    column('Message', 'What it said.'),
    column('Error', 'Why it could not be asked.'),
  ],
  cells: ({ metadata, conditions = [] }) => {
    const {
      status = '',
      message = '',
      error = '',
    } = conditions.find(({ type }) => type === 'Healthy') ?? {};
    const word = status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : 'Unknown';
    return [metadata.name, word, message, error];
  },
};

export const signingRequestRows: RowPrinter<SigningRequest> = {
  columns: [
    NAME,
    AGE,
    column('SignerName', 'Who is asked to sign it.'),
    column('Requestor', 'Who asks.'),
    column('RequestedDuration', 'How long it shall be valid.'),
    column('Condition', 'What became of it.'),
  ],
  cells: (request, nowMs) => {
    const { signerName, username = '', expirationSeconds } = request.spec ?? {};
    return [
      request.metadata.name,
      ageOf(request.metadata, nowMs),
      signerName || '<none>',
      username,
      expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
      conditionOf(request),
    ];
  },
};
