// A registry on the loopback interface that has one package.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { manifestOf } from './tarball.mjs';

export async function servePackage(tarball) {
  const bytes = readFileSync(tarball);
  const manifest = manifestOf(tarball);
  const { name, version } = manifest;
  const hash = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);
  const describe = (url) => ({
    name,
    'dist-tags': { latest: version },
    // Old enough for managers that let a version ripen.
    time: { [version]: '2020-01-01T00:00:00.000Z' },
    versions: {
      [version]: {
        ...manifest,
        dist: {
          tarball: `${url}${name}/-/${name}-${version}.tgz`,
          integrity: `sha512-${hash('sha512', 'base64')}`,
          shasum: hash('sha1', 'hex'),
        },
      },
    },
  });
  const server = createServer((request, response) => {
    if (request.url === `/${name}`) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(describe(`http://${request.headers.host}/`)));
    } else if (request.url === `/${name}/-/${name}-${version}.tgz`) response.end(bytes);
    else response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
