import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import type {AddressInfo, Socket} from 'node:net';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createServer, type TLSSocket} from 'node:tls';

/**
 * Speaks TLS for servers that do not, by the name that a client asks for; the certificate is its own. `ports` says where
 * what comes for a name goes to.
 */
export async function startTlsFront(ports: (name: string) => number) {
  const sockets = new Set<Socket>();
  const server = createServer(certificate(), (outside: TLSSocket) => {
    const inside = connect(ports(outside.servername || ''), '127.0.0.1');
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ]) {
      sockets.add(socket);
      // One that is cut cuts the other.
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A certificate that nobody vouches for, made anew. */
function certificate(): {key: Buffer; cert: Buffer} {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-subj', '/CN=tests'];
    execFileSync('openssl', ['req', '-x509', ...made, '-keyout', key, '-out', cert], {stdio: 'pipe'});
    return {key: readFileSync(key), cert: readFileSync(cert)};
  } finally {
    rmSync(folder, {recursive: true});
  }
}
