/**
 * api/aws/operation — what an operation's handler is given and gives back, typed by the AWS SDK:
 * the methods of its client classes, by type only.
 */
import type { Cloud } from '../../cloud/cloud.ts';
import type { AwsError } from '../../model/aws-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Twin } from '../../twin/twin.ts';
import type { Served } from '../running-twin.ts';

/** One call, as a handler sees it. */
export interface AwsCall {
  readonly twin: Twin;
  readonly store: TwinStore;
  readonly cloud: Cloud;
  readonly served: Served;
  /** `DescribeVpcs` */
  readonly operation: string;
  /** Who signed; empty for the few operations that need no signature. */
  readonly accessKeyId: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | undefined;
}

/** Input and output of a method of an SDK client, from its overload with a callback. */
type Signature<Method> = Method extends (
  input: infer Input,
  options: never,
  callback: (error: unknown, data?: infer Output) => void,
) => void
  ? { readonly input: Input; readonly output: Omit<Output, '$metadata'> }
  : never;

type Operations<Client> = {
  [Name in keyof Client & string as Signature<Client[Name]> extends never
    ? never
    : Capitalize<Name>]: Signature<Client[Name]>;
};

/**
 * Handlers of some of a client's operations, by their names: each calls verbs of the cloud and
 * shows what they give. They run at once (no promises) inside one commit, and answer errors as
 * values.
 */
export type Handlers<Client> = {
  readonly [Name in keyof Operations<Client>]?: (
    input: Operations<Client>[Name] extends { readonly input: infer Input } ? Input : never,
    call: AwsCall,
  ) =>
    | (Operations<Client>[Name] extends { readonly output: infer Output } ? Output : never)
    | AwsError;
};

/** A handler whose types are forgotten: what the service looks up by name. */
export type Handler = (
  input: Readonly<Record<string, unknown>>,
  call: AwsCall,
) => Readonly<Record<string, unknown>> | AwsError;

/** Handlers of a service by operation. The codec checks what the types promised. */
export const untyped = <Client>(handlers: Handlers<Client>): Readonly<Record<string, Handler>> =>
  handlers as unknown as Readonly<Record<string, Handler>>;
