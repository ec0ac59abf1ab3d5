import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {join} from 'node:path';

export interface TarballServer {
  readonly url: string;
  close(): void;
}

/**
 * A package registry of the tarballs in a folder, for `@SCOPE:registry=URL` in an `.npmrc`, so that `npm install NAME`
 * works as typed for packages that are not published. It answers with all versions that a package has there, and nothing
 * else that a registry can do is needed.
 */
export async function serveTarballs(folder: string): Promise<TarballServer> {
  const tarballs = readdirSync(folder)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => {
      const path = join(folder, file);
      const manifest = JSON.parse(execFileSync('tar', ['-xzOf', path, 'package/package.json'], {encoding: 'utf8'}));
      return {file, manifest, bytes: readFileSync(path)};
    });

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const tarball = tarballs.find(({file}) => file === path);
    const versions = tarballs.filter(({manifest}) => manifest.name === path);
    if (tarball) {
      response.end(tarball.bytes);
    } else if (versions.length > 0) {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          name: path,
          'dist-tags': {latest: versions[0]?.manifest.version},
          versions: Object.fromEntries(
            versions.map(({manifest, file, bytes}) => {
              const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
              return [
                manifest.version,
                {...manifest, dist: {tarball: `http://${request.headers.host}/${file}`, integrity}},
              ];
            }),
          ),
        }),
      );
    } else {
      response.writeHead(404).end('{}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error(`the server listens on ${address}; expected a port`);
  return {url: `http://127.0.0.1:${address.port}/`, close: () => server.close()};
}
