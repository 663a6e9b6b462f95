import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificatesFor } from './certificates.ts';
import { integer, objectId, sequence, time } from './der.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOST = 'ABC123.gr7.us-west-2.eks.amazonaws.com';
const DAY_MS = 24 * 3_600_000;

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

describe('certificates', () => {
  test('the server is known by loopback, its names in the cluster, and its endpoint', () => {
    const server = new X509Certificate(certificatesFor(undefined, [HOST], NOW).server);
    expect(server.subjectAltName).toBe(
      'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, DNS:kubernetes, ' +
        'DNS:kubernetes.default, DNS:kubernetes.default.svc, ' +
        `DNS:kubernetes.default.svc.cluster.local, DNS:${HOST}`,
    );
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIP('::1')).toBe('::1');
    expect(server.checkIP('10.0.0.1')).toBeUndefined();
  });

  test('a TLS client that trusts the authority talks to the server; another refuses it', async () => {
    const { authority, server, serverKey } = certificatesFor(undefined, [], Date.now());
    const other = certificatesFor(undefined, [], Date.now());
    const listening = createServer({ cert: server, key: serverKey }, (_, response) =>
      response.end('hello'),
    );
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    const ask = (ca: string): Promise<string> =>
      new Promise((resolve) => {
        const asked = request({ host: '127.0.0.1', port, ca, agent: false }, (response) => {
          response.setEncoding('utf8').on('data', resolve);
        });
        asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'));
        asked.end();
      });
    expect(await ask(authority)).toBe('hello');
    expect(await ask(other.authority)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await new Promise((resolve) => listening.close(resolve));
  });

  test('they last for ten years, and a client whose clock is behind takes them', () => {
    const { authority, server } = certificatesFor(undefined, [], NOW);
    for (const text of [authority, server]) {
      const certificate = new X509Certificate(text);
      expect(Date.parse(certificate.validFrom)).toBe(NOW - 3_600_000);
      expect(Date.parse(certificate.validTo)).toBe(NOW + 3_650 * DAY_MS);
    }
    expect(new X509Certificate(authority).ca).toBe(true);
    expect(new X509Certificate(server).ca).toBe(false);
  });

  test('what is kept is served again; other names get another certificate of the same authority', () => {
    const first = certificatesFor(undefined, [HOST], NOW);
    expect(certificatesFor(first, [HOST], NOW + DAY_MS)).toBe(first);
    const second = certificatesFor(first, [HOST, '192.0.2.7'], NOW + DAY_MS);
    expect(second.authority).toBe(first.authority);
    const server = new X509Certificate(second.server);
    expect(server.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(server.verify(new X509Certificate(first.authority).publicKey)).toBe(true);
    const later = certificatesFor(first, [HOST], NOW + 3_651 * DAY_MS);
    expect(later.authority).not.toBe(first.authority);
  });

  test('two authorities share nothing', () => {
    const one = certificatesFor(undefined, [], NOW);
    const two = certificatesFor(undefined, [], NOW);
    const serials = [one.authority, one.server, two.authority, two.server].map(
      (text) => new X509Certificate(text).serialNumber,
    );
    expect(new Set(serials).size).toBe(4);
  });

  test.skipIf(!hasOpenssl)('OpenSSL verifies the chain strictly (needs openssl)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ekstwin-certificates-'));
    try {
      const { authority, server } = certificatesFor(undefined, [HOST], Date.now());
      writeFileSync(join(folder, 'ca.crt'), authority);
      writeFileSync(join(folder, 'server.crt'), server);
      const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', HOST];
      const said = execFileSync(
        'openssl',
        [...verify, '-CAfile', join(folder, 'ca.crt'), join(folder, 'server.crt')],
        { encoding: 'utf8' },
      );
      expect(said).toContain('server.crt: OK');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('DER', () => {
  test('writes what X.690 has as examples', () => {
    expect(objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
    expect(integer(Buffer.of(0, 0, 0x80)).toString('hex')).toBe('02020080');
    expect(integer(Buffer.of(0)).toString('hex')).toBe('020100');
    expect(time(Date.UTC(2036, 0, 2, 3, 4, 5)).toString()).toContain('360102030405Z');
    expect(time(Date.UTC(2051, 0, 2, 3, 4, 5)).toString()).toContain('20510102030405Z');
  });

  test('a length says how much follows, however long', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
        const der = sequence(Buffer.alloc(length));
        const short = der[1]!;
        const digits = short & 0x80 ? short & 0x7f : 0;
        const told = digits === 0 ? short : der.readUIntBE(2, digits);
        return told === length && der.length === 2 + digits + length;
      }),
    );
  });
});
