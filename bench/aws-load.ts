/** bench/aws-load — the AWS calls that are measured, of our server and of others alike. */
import {
  Connection,
  type LoadRequest,
  type LoadResult,
  load,
  openSocket,
  percentile,
  perSecond,
  requestText,
  type Target,
} from './http-load.ts';

const AWS_SECONDS = 5;
const INTERFACES = 1_000;

const call = (parameters: string): LoadRequest => ({
  method: 'POST',
  path: '/',
  body: `Version=2016-11-15&${parameters}`,
});

/** One call's answer. */
export async function ask(target: Target, parameters: string): Promise<string> {
  const connection = new Connection(await openSocket(target));
  const { status, body } = await connection.ask(requestText(target, call(parameters)));
  connection.close();
  if (status !== 200) throw new Error(`${parameters}: ${status} ${body().slice(0, 400)}`);
  return body();
}

/** As many interfaces as one page holds, in a VPC of their own. */
async function withInterfaces(target: Target): Promise<string> {
  const id = (text: string, name: string): string =>
    new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)![1]!;
  const vpcId = id(await ask(target, 'Action=CreateVpc&CidrBlock=10.77.0.0/16'), 'vpcId');
  const subnet = `Action=CreateSubnet&VpcId=${vpcId}&CidrBlock=10.77.0.0/20`;
  const subnetId = id(await ask(target, subnet), 'subnetId');
  for (let i = 0; i < INTERFACES; i++)
    await ask(target, `Action=CreateNetworkInterface&SubnetId=${subnetId}`);
  return subnetId;
}

interface Part {
  readonly result: LoadResult;
  /** Milliseconds of the server's processor each request took. */
  readonly cpuMs: number | undefined;
}

interface AwsFigures {
  readonly describe: Part;
  readonly page: Part;
}

/**
 * The same calls, of our server or of another's.
 *
 * @param cpuMs  of the server so far, where it is known
 */
export async function awsFigures(
  target: Target,
  few: string,
  cpuMs?: () => number,
): Promise<AwsFigures> {
  const subnetId = await withInterfaces(target);
  const part = async (clients: number, parameters: string): Promise<Part> => {
    const before = cpuMs?.();
    const result = await load(target, clients, { seconds: AWS_SECONDS }, () => call(parameters));
    requireAll(result);
    const spent = before === undefined ? undefined : cpuMs!() - before;
    return { result, cpuMs: spent === undefined ? undefined : spent / result.requests };
  };
  const page = `Action=DescribeNetworkInterfaces&Filter.1.Name=subnet-id&Filter.1.Value.1=${subnetId}`;
  return { describe: await part(10, few), page: await part(4, page) };
}

export function printAws(name: string, { describe, page }: AwsFigures): void {
  const cost = ({ cpuMs }: Part): string =>
    cpuMs === undefined ? '' : `, server CPU ${cpuMs.toFixed(2)} ms each`;
  const p50 = percentile(page.result, 0.5).toFixed(0);
  console.log(
    `  ${name}: ${perSecond(describe.result)} small describes/s${cost(describe)}; ` +
      `${INTERFACES} interfaces in one page p50 ${p50} ms (4 clients)${cost(page)}`,
  );
}

function requireAll({ failures }: LoadResult): void {
  for (const [status, body] of failures) throw new Error(`${status} ${body.slice(0, 400)}`);
}
