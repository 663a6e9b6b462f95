/** test/crash/wire — requests to both APIs of a twin that may be killed at any time. */
import { readFileSync } from 'node:fs';
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { RunningState } from '../../src/up/running-state.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Undefined: nobody knows whether it was done. */
type Outcome = Promise<Answer | undefined>;

export class Wire {
  readonly #state: RunningState;
  readonly #agent: Agent;
  readonly #plain = new PlainAgent({ keepAlive: true });

  constructor(stateHome: string) {
    const folder = join(stateHome, 'ekstwin', 'default');
    this.#state = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as RunningState;
    const secrets = readFileSync(join(folder, 'data', 'secrets.json'), 'utf8');
    const { certificates } = JSON.parse(secrets) as { certificates: { authority: string } };
    this.#agent = new Agent({ keepAlive: true, ca: certificates.authority });
  }

  get state(): RunningState {
    return this.#state;
  }

  kubernetes(method: string, path: string, body?: unknown, type = 'application/json'): Outcome {
    const { kubernetesUrl, token } = this.#state;
    return answered(
      (done) =>
        request(
          `${kubernetesUrl}${path}`,
          {
            method,
            agent: this.#agent,
            headers: { authorization: `Bearer ${token}`, 'content-type': type },
          },
          done,
        ),
      body === undefined ? '' : JSON.stringify(body),
    );
  }

  /** A call of EC2's query protocol. */
  ec2(action: string, parameters: Readonly<Record<string, string>>): Outcome {
    const form = new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters });
    return answered(
      (done) =>
        plainRequest(
          this.#state.awsUrl,
          {
            method: 'POST',
            agent: this.#plain,
            headers: signed(),
          },
          done,
        ),
      form.toString(),
    );
  }

  close(): void {
    this.#agent.destroy();
    this.#plain.destroy();
  }
}

/** On loopback nobody checks who signed; that somebody did is wanted. */
function signed(): Record<string, string> {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `AKIAEKSTWINEXAMPLE00/${date.slice(0, 8)}/us-west-2/ec2/aws4_request`;
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=00`,
  };
}

function answered(
  open: (done: (response: IncomingMessage) => void) => ClientRequest,
  body: string,
): Outcome {
  return new Promise((resolve) => {
    const gone = (): void => resolve(undefined);
    const asked = open((response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      response.on('error', gone);
      response.on('close', gone);
    });
    asked.on('error', gone);
    asked.end(body);
  });
}
