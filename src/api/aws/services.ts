/**
 * api/aws/services — which service a request is for, and how it is answered: the services that are
 * built (model and handlers, read when first asked for) and those that only refuse.
 */

import type { ServiceModel } from './model.ts';
import type { Handler } from './operation.ts';
import { type Codec, codecOf, type ErrorForm, type WireRequest } from './protocol.ts';

interface Source {
  readonly model: () => Promise<{ readonly MODEL: string }>;
  readonly handlers: () => Promise<{ readonly HANDLERS: Readonly<Record<string, Handler>> }>;
}

const SOURCES = {
  ec2: {
    model: () => import('./models/ec2.data.ts'),
    handlers: () => import('./ec2/ec2.ts'),
  },
  eks: {
    model: () => import('./models/eks.data.ts'),
    handlers: () => import('./eks/eks.ts'),
  },
  sts: {
    model: () => import('./models/sts.data.ts'),
    handlers: () => import('./sts/sts.ts'),
  },
  elbv2: {
    model: () => import('./models/elbv2.data.ts'),
    handlers: () => import('./elbv2/elbv2.ts'),
  },
  elb: {
    model: () => import('./models/elb.data.ts'),
    handlers: () => import('./elb/elb.ts'),
  },
  route53: {
    model: () => import('./models/route53.data.ts'),
    handlers: () => import('./route53/route53.ts'),
  },
  acm: {
    model: () => import('./models/acm.data.ts'),
    handlers: () => import('./acm/acm.ts'),
  },
  autoscaling: {
    model: () => import('./models/autoscaling.data.ts'),
    handlers: () => import('./autoscaling/autoscaling.ts'),
  },
  tagging: {
    model: () => import('./models/tagging.data.ts'),
    handlers: () => import('./tagging/tagging.ts'),
  },
} satisfies Readonly<Record<string, Source>>;

type BuiltName = keyof typeof SOURCES;

/** A service that is built. */
export interface BuiltService {
  readonly name: string;
  readonly model: ServiceModel;
  readonly codec: Codec;
  readonly handlers: Readonly<Record<string, Handler>>;
}

const loaded = new Map<BuiltName, Promise<BuiltService>>();

/** The service, read from its tables the first time. */
export function builtService(name: BuiltName): Promise<BuiltService> {
  let service = loaded.get(name);
  if (service === undefined) {
    service = load(name);
    loaded.set(name, service);
  }
  return service;
}

async function load(name: BuiltName): Promise<BuiltService> {
  const source: Source = SOURCES[name];
  const [{ MODEL }, { HANDLERS }] = await Promise.all([source.model(), source.handlers()]);
  const model = JSON.parse(MODEL) as ServiceModel;
  return { name, model, codec: codecOf(model), handlers: HANDLERS };
}

/** By the name in a signature. */
const BY_SIGNING_NAME: Readonly<Record<string, BuiltName>> = {
  ec2: 'ec2',
  eks: 'eks',
  sts: 'sts',
  elasticloadbalancing: 'elbv2',
  route53: 'route53',
  acm: 'acm',
  autoscaling: 'autoscaling',
  tagging: 'tagging',
};

/**
 * By a query request's Version: for Elastic Load Balancing's two generations, and unsigned ones.
 */
const BY_VERSION: Readonly<Record<string, BuiltName>> = {
  '2016-11-15': 'ec2',
  '2015-12-01': 'elbv2',
  '2012-06-01': 'elb',
  '2011-06-15': 'sts',
  '2011-01-01': 'autoscaling',
};

/** What tells an unsigned request to a service that is asked by path or by target header. */
function byShape({ path, headers }: WireRequest): BuiltName | undefined {
  if (path.startsWith('/2013-04-01/')) return 'route53';
  if (String(headers['x-amz-target'] ?? '').startsWith('CertificateManager.')) return 'acm';
  return /^\/(clusters|addons|cluster-versions)(\/|$)/.test(path) ? 'eks' : undefined;
}

const JSON_FORM: ErrorForm = { protocol: 'awsJson1.1', xmlNamespace: '' };
const REST_FORM: ErrorForm = { protocol: 'restJson1', xmlNamespace: '' };
const query = (xmlNamespace: string): ErrorForm => ({ protocol: 'awsQuery', xmlNamespace });

/** What clients of an EKS network also call, and ekstwin does not build: only how each refuses. */
const REFUSING: Readonly<Record<string, ErrorForm>> = {
  iam: query('https://iam.amazonaws.com/doc/2010-05-08/'),
  cloudformation: query('http://cloudformation.amazonaws.com/doc/2010-05-15/'),
  rds: query('http://rds.amazonaws.com/doc/2014-10-31/'),
  monitoring: query('http://monitoring.amazonaws.com/doc/2010-08-01/'),
  sns: query('http://sns.amazonaws.com/doc/2010-03-31/'),
  s3: { protocol: 'restXml', xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/' },
};

/** Where a request goes: to a built service, or to one that only refuses. */
export type Destination =
  | { readonly kind: 'built'; readonly name: BuiltName }
  | { readonly kind: 'refusing'; readonly name: string; readonly form: ErrorForm };

/**
 * The service a request is for.
 *
 * @param signingName  from its signature; undefined for an unsigned request
 */
export function destinationOf(signingName: string | undefined, request: WireRequest): Destination {
  const byVersion = BY_VERSION[request.parameters.get('Version') ?? ''];
  const bySignature = signingName === undefined ? undefined : BY_SIGNING_NAME[signingName];
  const name =
    signingName === 'elasticloadbalancing' || signingName === undefined
      ? (byVersion ?? bySignature ?? byShape(request))
      : bySignature;
  if (name !== undefined) return { kind: 'built', name };
  return { kind: 'refusing', name: signingName ?? '', form: formOf(signingName ?? '', request) };
}

/** How a service that nobody knows most likely refuses, by how it was asked. */
function formOf(signingName: string, { headers, parameters }: WireRequest): ErrorForm {
  const known = REFUSING[signingName];
  if (known !== undefined) return known;
  if (headers['x-amz-target'] !== undefined) return JSON_FORM;
  return parameters.has('Action') ? query('') : REST_FORM;
}
