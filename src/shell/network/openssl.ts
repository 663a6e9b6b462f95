/** shell/network/openssl — `openssl s_client -connect`: whose certificate is shown, as far as known. */
import { certificateAt } from '../http/transport-security.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { connect } from './connect.ts';
import { resolve } from './resolve.ts';

export async function openssl(run: Run): Promise<number> {
  const { args } = run;
  const after = (option: string): string | undefined => {
    const at = args.indexOf(option);
    return at < 0 ? undefined : args[at + 1];
  };
  const [, host = '', port = '443'] =
    /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(after('-connect') ?? '') ?? [];
  if (args[0] !== 's_client' || host === '') {
    run.err('openssl: only s_client -connect HOST:PORT is built into this shell\n');
    return 1;
  }
  const caller = callerOf(run);
  const resolved = await resolve(caller, host);
  if (resolved.kind !== 'found') {
    run.err(`BIO_lookup_ex: system lib: Name or service not known\nconnect:errno=11\n`);
    return 1;
  }
  const name = after('-servername') ?? host;
  const request = {
    scheme: 'https' as const,
    method: 'GET',
    host: name,
    path: '/',
    query: '',
    headers: [],
  };
  const attempt = await connect(caller, resolved.addresses[0]!, Number(port), { request });
  if (attempt.kind !== 'connected') {
    const why = {
      refused: 'Connection refused',
      'no-route': 'No route to host',
      'no-network': 'Network is unreachable',
      'timed-out': 'Connection timed out',
      'not-simulated': 'not simulated',
    }[attempt.kind];
    run.err(
      `BIO_connect:${why}\nconnect:errno=${attempt.kind === 'refused' ? 111 : attempt.kind === 'timed-out' ? 110 : 113}\n`,
    );
    return 1;
  }
  const shown = certificateAt(caller.world.twin, attempt.heard, attempt.sent, name);
  run.out('CONNECTED(00000003)\n');
  if (shown === undefined) {
    run.err('error:0A00010B:SSL routines:ssl3_get_record:wrong version number\n');
    run.out('---\nno peer certificate available\n---\n');
    return 1;
  }
  const isTrusted = shown.trust === 'public';
  run.out(
    `---\nCertificate chain\n 0 s:${shown.subject}\n   i:${shown.issuer}\n---\nServer certificate\nsubject=${shown.subject}\n\nissuer=${shown.issuer}\n\n---\n` +
      `New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256\nVerify return code: ${isTrusted ? '0 (ok)' : shown.trust === 'private' ? '18 (self-signed certificate)' : '20 (unable to get local issuer certificate)'}\n---\n` +
      'ekstwin: the certificate itself is not simulated\n',
  );
  return 0;
}
