/**
 * api/aws/protocol — requests read and answers written in the five protocols AWS speaks.
 *
 * Upstream: smithy-lang/smithy docs "AWS protocols"; forms of errors as each service answers them.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from '../../model/aws-error.ts';
import { parseJsonBody, readJson, writeJson } from './codec/json-codec.ts';
import { QueryReader } from './codec/query-reader.ts';
import { refuseIncomplete } from './codec/required.ts';
import { RestRoutes } from './codec/rest-routes.ts';
import { xmlText } from './codec/simple-text.ts';
import { parseXml, readXml } from './codec/xml-reader.ts';
import { XmlWriter } from './codec/xml-writer.ts';
import { membersOf, type Protocol, type ServiceModel } from './model.ts';
import { Refused } from './refused.ts';

/** A request whose body is read. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** The URL's parameters as they came, without the question mark. */
  readonly query: string;
  /** The URL's parameters, and a form's after them. */
  readonly parameters: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** One service's requests and answers. */
export interface Codec {
  /** The operation a request names, built or not. @throws Refused when it names none of AWS's */
  operationOf(request: WireRequest): string;
  /** @throws Refused when the request is malformed */
  read(operation: string, request: WireRequest): Fields;
  write(operation: string, output: Fields, requestId: string): WireResponse;
}

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const XML = 'text/xml;charset=UTF-8';

/** How a service's requests are read and its answers written. */
export function codecOf(model: ServiceModel): Codec {
  switch (model.protocol) {
    case 'ec2Query':
    case 'awsQuery':
      return queryCodec(model);
    case 'awsJson1.1':
      return jsonCodec(model);
    default:
      return restCodec(model);
  }
}

const isKnown = (model: ServiceModel, operation: string): boolean =>
  Object.hasOwn(model.operations, operation) || model.others.some(([name]) => name === operation);

function queryCodec(model: ServiceModel): Codec {
  const reader = new QueryReader(model);
  const writer = new XmlWriter(model);
  const isEc2 = model.protocol === 'ec2Query';
  return {
    operationOf({ parameters }) {
      const action = parameters.get('Action') ?? '';
      if (action === '')
        throw new Refused('MissingAction', 'The request must contain the parameter Action');
      if (isKnown(model, action)) return action;
      throw new Refused(
        'InvalidAction',
        isEc2
          ? `The action ${action} is not valid for this web service.`
          : `Could not find operation ${action} for version ${model.version}`,
      );
    },
    read: (operation, { parameters }) => reader.read(model.operations[operation]!.i, parameters),
    write(operation, output, requestId) {
      const { o } = model.operations[operation]!;
      const inner = writer.body(o, output);
      const answer = isEc2
        ? `<requestId>${requestId}</requestId>${inner}`
        : `${o === 'unit' ? '' : `<${operation}Result>${inner}</${operation}Result>`}` +
          `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      const root = `${operation}Response`;
      const body = `<${root} xmlns="${model.xmlNamespace}">${answer}</${root}>`;
      return { status: 200, contentType: XML, body: isEc2 ? XML_DECLARATION + body : body };
    },
  };
}

function jsonCodec(model: ServiceModel): Codec {
  return {
    operationOf({ headers }) {
      const [target = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
      if (target === model.target && isKnown(model, operation)) return operation;
      throw new Refused('UnknownOperationException', '');
    },
    read(operation, { body }) {
      const { i } = model.operations[operation]!;
      const input = readJson(model, i, parseJsonBody(body)) as Fields;
      refuseIncomplete(model, i, input);
      return input;
    },
    write: (operation, output) => ({
      status: 200,
      contentType: 'application/x-amz-json-1.1',
      body: jsonText(model, operation, output),
    }),
  };
}

/** Operations without output answer an empty body. */
function jsonText(model: ServiceModel, operation: string, output: Fields): string {
  const { o } = model.operations[operation]!;
  return o === 'unit' ? '' : JSON.stringify(writeJson(model, o, output));
}

function restCodec(model: ServiceModel): Codec {
  const routes = new RestRoutes(model);
  const writer = new XmlWriter(model);
  const isJson = model.protocol === 'restJson1';
  const routed = (request: WireRequest) => {
    const found = routes.find(request.method, request.path, request.parameters);
    if (found !== undefined) return found;
    throw new Refused('UnknownOperationException', '', 404);
  };
  const bodyOf = (operation: string, body: string): Fields => {
    const input = model.operations[operation]!.i;
    if (isJson) return readJson(model, input, parseJsonBody(body)) as Fields;
    if (body.trim() === '') return {};
    const root = parseXml(body);
    const payload = membersOf(model, input).find(([, , traits]) => traits?.P === 1);
    if (payload === undefined) return readXml(model, input, root) as Fields;
    return { [payload[0]]: readXml(model, payload[1], root) };
  };
  return {
    operationOf: (request) => routed(request).operation,
    read(operation, request) {
      const { i } = model.operations[operation]!;
      const { parameters, headers } = request;
      const outside = routes.outsideBody(i, routed(request), parameters, headers);
      const input = { ...bodyOf(operation, request.body), ...outside };
      refuseIncomplete(model, i, input);
      return input;
    },
    write(operation, output) {
      const { o, h } = model.operations[operation]!;
      const status = h?.[2] ?? 200;
      if (isJson) {
        const body = jsonText(model, operation, output);
        return { status, contentType: 'application/json', body };
      }
      const body = `<${o} xmlns="${model.xmlNamespace}">${writer.body(o, output)}</${o}>`;
      const headers = headersOf(model, o, output);
      return { status, contentType: 'text/xml', headers, body: XML_DECLARATION + body };
    },
  };
}

/** Members of an answer that stand in its headers. */
function headersOf(model: ServiceModel, output: string, fields: Fields): Record<string, string> {
  const entries = membersOf(model, output).flatMap(([name, , traits]) =>
    traits?.H === undefined || fields[name] === undefined
      ? []
      : [[traits.H.toLowerCase(), String(fields[name])] as const],
  );
  return Object.fromEntries(entries);
}

/** What an error is answered in: a service's protocol and its XML namespace. */
export interface ErrorForm {
  readonly protocol: Protocol;
  readonly xmlNamespace: string;
}

/** An error in the form the service's clients read. */
export function errorResponse(
  { protocol, xmlNamespace }: ErrorForm,
  { code, message }: AwsError,
  status: number,
  requestId: string,
): WireResponse {
  const inner = `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>`;
  switch (protocol) {
    case 'ec2Query':
      return {
        status,
        contentType: XML,
        body:
          `${XML_DECLARATION}<Response><Errors><Error>${inner}</Error></Errors>` +
          `<RequestID>${requestId}</RequestID></Response>`,
      };
    case 'awsQuery':
    case 'restXml': {
      const type = status < 500 ? 'Sender' : 'Receiver';
      return {
        status,
        contentType: 'text/xml',
        body:
          `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type>${inner}</Error>` +
          `<RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    }
    case 'restJson1':
      return {
        status,
        contentType: 'application/json',
        headers: { 'x-amzn-errortype': code },
        body: JSON.stringify({ message }),
      };
    default:
      return {
        status,
        contentType: 'application/x-amz-json-1.1',
        headers: { 'x-amzn-errortype': code },
        body: JSON.stringify({ __type: code, ...(message === '' ? {} : { message }) }),
      };
  }
}
