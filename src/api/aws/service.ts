/**
 * api/aws/service — the AWS API of a running twin: one HTTP service for all of AWS's services.
 *
 * A request's way: whose it is (signature.ts, services.ts) → what it asks (protocol.ts reads it
 * into the SDK's input shape with the service's model) → the handler → the answer in the service's
 * form.
 *
 * To build an operation: allow it in scripts/aws-operations.json and run scripts/aws-models.ts;
 * write its handler into the file of its noun (`ec2/vpcs.ts` is the example), typed by
 * `Handlers<EC2>`; name a new file in the service's table (`ec2/ec2.ts`). A handler gets input in
 * the SDK's shape, required members checked, calls verbs of `call.cloud`, and answers the SDK's
 * output shape or an AwsError; nouns are shown by `shown` (formats/aws), filters, tags and pages
 * are read by `ec2/requests`. Around it this file does the rest: writes run in one commit, DryRun,
 * client tokens, throttling, request ids, status codes. An operation that AWS has and no handler is
 * refused as not implemented.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCloud } from '../../cloud/cloud.ts';
import { callLimits } from '../../cloud/decorate.ts';
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import { InputError } from '../../model/input-error.ts';
import { declareServedIndexes } from '../../model/kinds.ts';
import { readBody } from '../http-body.ts';
import type { HttpService } from '../http-service.ts';
import { type RunningTwin, StorageError } from '../running-twin.ts';
import { ClientTokens } from './idempotency.ts';
import type { AwsCall } from './operation.ts';
import { type ErrorForm, errorResponse, type WireRequest, type WireResponse } from './protocol.ts';
import { Refused } from './refused.ts';
import { type BuiltService, builtService, type Destination, destinationOf } from './services.ts';
import { type Signing, signingOf, verifySignature } from './signature.ts';
import { codeFor, statusOf } from './status.ts';

/** One answered request, for logs and metrics. */
export interface AwsRequestLog {
  readonly requestId: string;
  readonly service: string;
  /** Empty when the request named none. */
  readonly operation: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly durationMs: number;
}

export interface AwsServiceOptions {
  /** Whether calls are throttled as AWS throttles an account; default: no. */
  readonly isThrottling?: (() => boolean) | undefined;
  readonly onRequest?: ((log: AwsRequestLog) => void) | undefined;
  /** Told of what went wrong in here; the client only learns that something did. */
  readonly onBug?: ((error: unknown) => void) | undefined;
}

/** AWS's query services refuse more; EKS's limit is the same. */
const BODY_MAX_BYTES = 1_048_576;
const FORM = /^application\/x-www-form-urlencoded/i;
/** Signed for us-east-1 wherever their caller is. */
const GLOBAL_SERVICES = /^(route53|iam|sts|cloudfront|shield|waf|globalaccelerator|organizations)$/;
const READING = /^(Describe|List|Get|Search|Test|Decode)/;
/** Operations that nobody has to be known for. */
const UNSIGNED = /^AssumeRoleWith(WebIdentity|SAML)$/;

/** An answer, and what the log says of it. */
interface Answered {
  readonly response: WireResponse;
  readonly service: string;
  readonly operation: string;
  readonly errorCode: string | undefined;
}

/** The AWS API of a twin, for a listener. */
export function awsService(running: RunningTwin, options: AwsServiceOptions = {}): HttpService {
  declareServedIndexes(running.twin.store);
  const api = new AwsApi(running, options);
  return {
    request: (request, response) => api.request(request, response),
    close() {
      // Nothing stays open between requests.
    },
  };
}

class AwsApi {
  readonly #running: RunningTwin;
  readonly #options: AwsServiceOptions;
  readonly #tokens = new ClientTokens();
  /** By service: AWS counts each one's calls apart. */
  readonly #limits = new Map<string, (isReading: boolean) => boolean>();

  constructor(running: RunningTwin, options: AwsServiceOptions) {
    this.#running = running;
    this.#options = options;
  }

  async request(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const requestId = randomUUID();
    const body = await readBody(incoming, BODY_MAX_BYTES);
    if (body.kind === 'aborted') return;
    const bytes = body.kind === 'body' ? body.bytes : Buffer.alloc(0);
    const request = wireRequest(incoming, bytes);
    const answered =
      body.kind === 'body'
        ? await this.#answer(request, bytes, requestId)
        : await tooLarge(request, requestId);
    const { response, ...log } = answered;
    const text = response.body;
    outgoing.writeHead(response.status, {
      'content-type': response.contentType,
      'content-length': Buffer.byteLength(text),
      'x-amzn-requestid': requestId,
      ...response.headers,
      ...(body.kind === 'body' ? {} : { connection: 'close' }),
    });
    // Text leaves in one write with its head.
    outgoing.end(incoming.method === 'HEAD' ? undefined : text);
    const durationMs = performance.now() - startedMs;
    this.#options.onRequest?.({ ...log, requestId, status: response.status, durationMs });
  }

  async #answer(request: WireRequest, bytes: Buffer, requestId: string): Promise<Answered> {
    let destination = destinationOf(undefined, request);
    let form = await formOf(destination);
    let operation = '';
    const refuse = (error: AwsError, status?: number): Answered => {
      const inForm = { ...error, code: codeFor(form.protocol, error.code) };
      const response = errorResponse(form, inForm, status ?? statusOf(error.code), requestId);
      return { response, service: destination.name, operation, errorCode: inForm.code };
    };
    try {
      const signing = signingOf(request);
      destination = destinationOf(signing?.service, request);
      form = await formOf(destination);
      const refused = this.#admit(signing, request, bytes);
      if (destination.kind === 'refusing') {
        if (refused !== undefined) throw refused;
        return refuse(notImplemented(destination.name, actionOf(request)));
      }
      const service = await builtService(destination.name);
      if (refused !== undefined && !UNSIGNED.test(actionOf(request))) throw refused;
      operation = service.codec.operationOf(request);
      const output = await this.#run(service, operation, request, signing?.accessKeyId ?? '');
      if (isAwsError(output)) return refuse(output, statusOf(output.code, service.model));
      const response = service.codec.write(operation, output, requestId);
      return { response, service: service.name, operation, errorCode: undefined };
    } catch (error) {
      if (error instanceof Refused) return refuse(error.error, error.status);
      // What the formats cannot read is the client's mistake.
      if (error instanceof InputError)
        return refuse(awsError('ValidationError', `${error.where}: ${error.problem}`));
      if (error instanceof StorageError)
        return refuse(
          awsError('InternalFailure', `An internal error has occurred: ${error.message}`),
        );
      this.#options.onBug?.(error);
      return refuse(awsError('InternalFailure', 'An internal error has occurred'));
    }
  }

  /** Why a request is not let in, if it is not: who signed it, for which region, and how. */
  #admit(signing: Signing | undefined, request: WireRequest, bytes: Buffer): Refused | undefined {
    if (signing === undefined) {
      return new Refused(
        'MissingAuthenticationToken',
        'Request is missing Authentication Token',
        403,
      );
    }
    const { served, twin } = this.#running;
    const { region } = twin.cloud;
    const isOurs = signing.region === region || GLOBAL_SERVICES.test(signing.service);
    if (!isOurs) {
      return new Refused(
        'SignatureDoesNotMatch',
        `Credential should be scoped to a valid region, not '${signing.region}'. This ekstwin is ` +
          `in ${region}: set AWS_REGION=${region}, or pass --region ${region}.`,
        403,
      );
    }
    if (!served.isLoopback) verifySignature(signing, request, bytes, served.awsSecret, Date.now());
    return undefined;
  }

  #isLetThrough(service: string, isReading: boolean): boolean {
    let take = this.#limits.get(service);
    if (take === undefined) {
      take = callLimits(this.#running.twin.clock);
      this.#limits.set(service, take);
    }
    return take(isReading);
  }

  /** Runs a handler with what every operation has around it. */
  async #run(
    service: BuiltService,
    operation: string,
    request: WireRequest,
    accessKeyId: string,
  ): Promise<Readonly<Record<string, unknown>> | AwsError> {
    const { model, codec, handlers, name } = service;
    const isReading = READING.test(operation);
    if (this.#options.isThrottling?.() === true && !this.#isLetThrough(name, isReading))
      return throttled(name);
    const handler = handlers[operation];
    if (handler === undefined || !Object.hasOwn(model.operations, operation))
      return notImplemented(name, operation);
    const input = codec.read(operation, request);
    const { twin, served } = this.#running;
    const { store, cloud } = twin;
    const sessionToken = sessionTokenOf(request);
    const call = { twin, store, cloud, served, operation, accessKeyId, sessionToken };
    if (input.DryRun === true) {
      const result = handler(input, isReading ? call : onFork(call));
      return isAwsError(result) ? result : DRY_RUN;
    }
    if (isReading) return handler(input, call);
    return this.#running.commit(() =>
      this.#tokens.once(model, operation, input, () => handler(input, call)),
    );
  }
}

const DRY_RUN = awsError(
  'DryRunOperation',
  'Request would have succeeded, but DryRun flag is set.',
);

/** The same call over a copy of AWS's state: what it would do is found out, and nothing is kept. */
function onFork(call: AwsCall): AwsCall {
  const { region, accountId, availabilityZones } = call.cloud;
  const store = call.store.fork();
  const cloud = createCloud({
    store,
    clock: call.twin.clock,
    random: call.twin.clock.random.split('dry run'),
    region,
    accountId,
    availabilityZones,
    addressChoice: 'random',
  });
  return { ...call, store, cloud };
}

const notImplemented = (service: string, operation: string): AwsError =>
  awsError(
    'UnsupportedOperation',
    `${[service, operation].filter((it) => it !== '').join(' ')} is not implemented by ekstwin.`,
  );

const throttled = (service: string): AwsError =>
  service === 'ec2'
    ? awsError('RequestLimitExceeded', 'Request limit exceeded.')
    : awsError('Throttling', 'Rate exceeded');

/** The action a request names, whatever its protocol; empty for REST. */
const actionOf = ({ parameters, headers }: WireRequest): string =>
  parameters.get('Action') ??
  String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1) ??
  '';

/** The token of temporary credentials, in a header or in the URL. */
const sessionTokenOf = ({ headers, parameters }: WireRequest): string | undefined => {
  const token = headers['x-amz-security-token'] ?? parameters.get('X-Amz-Security-Token');
  return typeof token === 'string' ? token : undefined;
};

/** How a service answers errors. */
const formOf = async (destination: Destination): Promise<ErrorForm> =>
  destination.kind === 'refusing' ? destination.form : (await builtService(destination.name)).model;

function wireRequest(incoming: IncomingMessage, bytes: Buffer): WireRequest {
  const url = incoming.url ?? '/';
  const at = url.indexOf('?');
  const query = at < 0 ? '' : url.slice(at + 1);
  const { headers, method = 'GET' } = incoming;
  const body = bytes.toString();
  const isForm = FORM.test(headers['content-type'] ?? '') || headers['content-type'] === undefined;
  const isInBody = isForm && bytes.length > 0 && headers['x-amz-target'] === undefined;
  const parameters = new URLSearchParams(isInBody ? `${query}&${body}` : query);
  return { method, path: at < 0 ? url : url.slice(0, at), query, parameters, headers, body };
}

async function tooLarge(request: WireRequest, requestId: string): Promise<Answered> {
  const destination = destinationOf(undefined, request);
  const error = awsError('RequestEntityTooLarge', `Request size exceeded ${BODY_MAX_BYTES} bytes`);
  return {
    response: errorResponse(await formOf(destination), error, 413, requestId),
    service: destination.name,
    operation: '',
    errorCode: error.code,
  };
}
