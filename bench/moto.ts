/**
 * bench/moto — the server of moto, a well-known stand-in for AWS, asked the same as ours in the same
 * run; skipped, with a word, where Python has none.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { awsFigures, printAws } from './aws-load.ts';
import { openSocket, type Target } from './http-load.ts';

const START_MS_MAX = 30_000;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

async function untilListening(target: Target): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += 200) {
    try {
      (await openSocket(target)).destroy();
      return;
    } catch {
      await new Promise((next) => setTimeout(next, 200));
    }
  }
  throw new Error('moto did not come up');
}

export async function measureMoto(): Promise<void> {
  const version = spawnSync('python3', ['-c', 'import moto; print(moto.__version__)'], {
    encoding: 'utf8',
  });
  if (version.status !== 0) {
    console.log('  moto: skipped, this Python has none');
    return;
  }
  const port = await freePort();
  const server = spawn('python3', ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore' });
  const target: Target = {
    url: new URL(`http://127.0.0.1:${port}`),
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-west-2/ec2/aws4_request, ' +
        'SignedHeaders=host, Signature=00',
    },
  };
  try {
    await untilListening(target);
    printAws(`moto ${version.stdout.trim()}`, await awsFigures(target, 'Action=DescribeSubnets'));
  } finally {
    server.kill('SIGKILL');
  }
}
