/** up/ports — the three ports of a twin, opened together: all of them, or none. */
import type { HttpService } from '../api/http-service.ts';
import type { Note } from '../model/input-error.ts';
import { type Listener, listen } from './listener.ts';

/** A port of ours: which, and whether it was asked for or is only the default. */
export interface Port {
  readonly number: number;
  readonly isAsked: boolean;
}

interface Each<Value> {
  readonly kubernetes: Value;
  readonly aws: Value;
  readonly proxy: Value;
}

export type Ports = Each<Port>;

interface PortOptions {
  readonly host: string;
  /** The proxy asks nobody who they are. */
  readonly proxyHost: string;
  readonly tls: { readonly cert: string; readonly key: string };
  readonly onRequest?: ((line: string) => void) | undefined;
}

interface OpenPorts {
  readonly listeners: Each<Listener>;
  readonly notes: readonly Note[];
  /** Answers what has waited until now, and what comes. */
  serve(services: Each<HttpService>): void;
  close(): Promise<void>;
}

/** @throws InputError when one cannot be opened */
export async function openPorts(ports: Ports, options: PortOptions): Promise<OpenPorts> {
  const { host, proxyHost, tls, onRequest } = options;
  const later = { kubernetes: promised(), aws: promised(), proxy: promised() };
  const open: Listener[] = [];
  const closeAll = async (): Promise<void> => {
    for (const { resolve } of Object.values(later)) resolve(NOBODY);
    await Promise.all(open.map((it) => it.close()));
  };
  const add = async (
    what: keyof typeof later,
    name: string,
    flag: string,
    more: Partial<Parameters<typeof listen>[0]>,
  ): Promise<Listener> => {
    const { number: port, isAsked } = ports[what];
    const listener = await listen({ name, flag, host, port, isAsked, ...more }, later[what].value);
    open.push(listener);
    return listener;
  };
  try {
    const listeners = {
      kubernetes: await add('kubernetes', 'the Kubernetes API', '--port', { tls, onRequest }),
      // Every path of the AWS API is the same: it says itself what was called.
      aws: await add('aws', 'the AWS API', '--aws-port', {}),
      proxy: await add('proxy', 'the proxy', '--proxy-port', { host: proxyHost, onRequest }),
    };
    return {
      listeners,
      notes: open.flatMap(({ movedFrom, port }) =>
        movedFrom === undefined
          ? []
          : [{ where: `port ${movedFrom}`, text: `is taken: ${port} is used instead` }],
      ),
      serve: ({ kubernetes, aws, proxy }) => {
        later.kubernetes.resolve(kubernetes);
        later.aws.resolve(aws);
        later.proxy.resolve(proxy);
      },
      close: closeAll,
    };
  } catch (failure) {
    await closeAll();
    throw failure;
  }
}

interface Promised {
  readonly value: Promise<HttpService>;
  readonly resolve: (service: HttpService) => void;
}

function promised(): Promised {
  let resolve: Promised['resolve'] = () => {};
  const value = new Promise<HttpService>((done) => {
    resolve = done;
  });
  return { value, resolve };
}

/** Whoever asks a twin that did not come up. */
const NOBODY: HttpService = { request: async (_, response) => void response.destroy(), close() {} };
