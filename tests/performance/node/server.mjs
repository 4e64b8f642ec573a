// node-oidc-provider as `make bench NODE=1` compares it with the hub: PROCESSES processes, Redis, RS256, consent given by
// the operator, opaque access tokens (its default), and a login page with argon2id of the hub's cost.
// "portal" gets no refresh tokens, "portal-offline" does, "portal-service" gets tokens of its own.
import cluster from 'node:cluster';
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';

const { PORT, PROCESSES, CLIENT_SECRET, REDIRECT_URI, PASSWORD } = process.env;

if (cluster.isPrimary) {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const KEY = JSON.stringify({ ...key, kid: 'bench', use: 'sig', alg: 'RS256' });
  for (let number = 0; number < Number(PROCESSES); number += 1) cluster.fork({ KEY });
  cluster.on('exit', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));
} else {
  const { default: Provider } = await import('oidc-provider');
  const { hash, verify } = await import('@node-rs/argon2');
  const { RedisAdapter, redis } = await import('./adapter.mjs');

  const stored = await hash(PASSWORD, { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 });
  await redis.set('account', JSON.stringify({ password: stored, name: 'A Citizen', email: 'citizen@tamin.example' }));
  const findAccount = async () => JSON.parse(await redis.get('account')); // every user name has the one password
  const client = {
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  };

  const provider = new Provider(`http://127.0.0.1:${PORT}`, {
    adapter: RedisAdapter,
    clients: [
      ...['portal', 'portal-offline'].map((client_id) => ({ ...client, client_id })),
      { ...client, client_id: 'portal-service', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
    ],
    jwks: { keys: [JSON.parse(process.env.KEY)] },
    cookies: { keys: ['a-key-for-cookies'] },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false }, introspection: { enabled: true }, clientCredentials: { enabled: true },
    },
    ttl: {
      AccessToken: 600, ClientCredentials: 600, AuthorizationCode: 60, IdToken: 600, RefreshToken: 14 * 86400, Session: 43200, Grant: 14 * 86400,
      Interaction: 3600,
    },
    rotateRefreshToken: true,
    issueRefreshToken: (ctx, { clientId }) => clientId === 'portal-offline',
    interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
    async findAccount(ctx, sub) {
      const { name, email } = await findAccount();
      return { accountId: sub, claims: () => ({ sub, name, email }) };
    },
    async loadExistingGrant(ctx) {
      const { client: { clientId }, session, provider: { Grant } } = ctx.oidc;
      const known = session.grantIdFor(clientId);
      if (known) return Grant.find(known);
      const grant = new Grant({ clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });

  const page = (uid) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<form method="post" action="/interaction/${uid}"><input name="username"><input name="password" type="password"><button>Sign in</button></form></html>`;

  async function interact(req, res) {
    const { uid } = await provider.interactionDetails(req, res);
    if (req.method === 'GET') {
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      res.end(page(uid));
      return;
    }
    let body = '';
    for await (const part of req) body += part;
    const form = new URLSearchParams(body);
    const { password } = await findAccount();
    if (!(await verify(password, form.get('password')))) throw new Error('wrong password');
    await provider.interactionFinished(req, res, { login: { accountId: form.get('username') } });
  }

  const answer = provider.callback();
  http.createServer((req, res) => {
    if (!req.url.startsWith('/interaction/')) answer(req, res);
    else interact(req, res).catch((error) => { res.statusCode = 400; res.end(String(error)); });
  }).listen(Number(PORT), '127.0.0.1');
}
