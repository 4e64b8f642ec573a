// The npm package openid-client, unmodified, as a portal: discovery, code + PKCE, userinfo, refresh,
// revocation, introspection, logout. The browser's part is the test's: this prints the address to
// open ("OPEN <address>"), and reads where the browser ended from its standard input.
//
// node openid_client.mjs <issuer> <client file as JSON>

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'

import * as client from 'openid-client'

const [issuer, file] = process.argv.slice(2)
const { metadata, secret, privateKey } = JSON.parse(readFileSync(file, 'utf8'))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function inTheBrowser (address) {
  console.log(`OPEN ${address.href}`)
  return new URL((await lines.next()).value)
}

async function authentication () {
  if (metadata.token_endpoint_auth_method === 'client_secret_basic') return client.ClientSecretBasic(secret)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', privateKey, algorithm, false, ['sign'])
  return client.PrivateKeyJwt({ key, kid: privateKey.kid })
}

function must (holds, what) {
  if (!holds) throw new Error(`not so: ${what}`)
  console.log(`ok ${what}`)
}

const config = await client.discovery(
  new URL(issuer),
  metadata.client_id,
  { id_token_signed_response_alg: 'RS256' },
  await authentication(),
  { execute: [client.allowInsecureRequests] }
)
must(config.serverMetadata().supportsPKCE(), 'discovery')

const [redirectUri] = metadata.redirect_uris
const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const arrived = await inTheBrowser(client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'openid profile national_id offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce
}))
const tokens = await client.authorizationCodeGrant(config, arrived, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true
})
const claims = tokens.claims()
must(claims.iss === issuer && claims.aud === metadata.client_id, 'code and PKCE')

const who = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
must(who['https://account.tamin.ir/claims/national_id'].length === 10, 'userinfo')

const fresh = await client.refreshTokenGrant(config, tokens.refresh_token)
must(fresh.refresh_token !== tokens.refresh_token && fresh.access_token, 'refresh')

const alive = await client.tokenIntrospection(config, fresh.access_token)
must(alive.active && alive.client_id === metadata.client_id && alive.sub === claims.sub, 'introspection')

await client.tokenRevocation(config, fresh.refresh_token)
const dead = await client.tokenIntrospection(config, fresh.access_token)
must(dead.active === false, 'revocation')

const [afterwards] = metadata.post_logout_redirect_uris
const leaving = client.randomState()
const left = await inTheBrowser(client.buildEndSessionUrl(config, {
  id_token_hint: fresh.id_token ?? tokens.id_token,
  post_logout_redirect_uri: afterwards,
  state: leaving
}))
must(left.href === `${afterwards}?state=${leaving}`, 'logout')

console.log(`SECRETS ${JSON.stringify([
  arrived.searchParams.get('code'), tokens.access_token, tokens.refresh_token, tokens.id_token,
  fresh.access_token, fresh.refresh_token, verifier
])}`)
process.exit(0)
