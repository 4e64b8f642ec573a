// The npm package openid-client, unmodified, as a portal of one profile: hybrid, form_post, a signed
// request object, encrypted ID tokens. The browser's part is the test's: this prints the address to
// open ("OPEN <address>"), and reads what arrived, {address, form}, from its standard input.
//
// node openid_client_profiles.mjs <issuer> <profile> <client file as JSON>

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'

import * as client from 'openid-client'

const [issuer, profile, file] = process.argv.slice(2)
const { metadata, secret, keys } = JSON.parse(readFileSync(file, 'utf8'))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function inTheBrowser (address) {
  console.log(`OPEN ${address.href}`)
  const { address: arrived, form } = JSON.parse((await lines.next()).value)
  return form ? new Request(arrived, { method: 'POST', body: new URLSearchParams(form) }) : new URL(arrived)
}

function must (holds, what) {
  if (!holds) throw new Error(`not so: ${what}`)
  console.log(`ok ${what}`)
}

async function decryptionKey () {
  const { alg } = keys.enc
  const algorithm = alg === 'RSA-OAEP-256' ? { name: 'RSA-OAEP', hash: 'SHA-256' } : { name: 'ECDH', namedCurve: 'P-256' }
  const usages = alg === 'RSA-OAEP-256' ? ['decrypt'] : ['deriveBits']
  const { use: _, alg: __, ...jwk } = keys.enc
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, usages), alg, kid: keys.enc.kid }
}

async function signingKey () {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return { key: await crypto.subtle.importKey('jwk', keys.sig, algorithm, false, ['sign']), kid: keys.sig.kid }
}

const config = await client.discovery(
  new URL(issuer),
  metadata.client_id,
  { id_token_signed_response_alg: metadata.id_token_signed_response_alg ?? 'RS256' },
  client.ClientSecretBasic(secret)
)
client.enableNonRepudiationChecks(config)
if (profile === 'hybrid') client.useCodeIdTokenResponseType(config)
if (profile.startsWith('encrypted')) client.enableDecryptingResponses(config, [metadata.id_token_encrypted_response_enc], await decryptionKey())

const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const parameters = {
  redirect_uri: metadata.redirect_uris[0],
  scope: 'openid profile',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
  ...(profile === 'form_post' && { response_mode: 'form_post' })
}
const address = profile === 'request object'
  ? await client.buildAuthorizationUrlWithJAR(config, parameters, await signingKey())
  : client.buildAuthorizationUrl(config, parameters)
const arrived = await inTheBrowser(address)
const tokens = await client.authorizationCodeGrant(config, arrived, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true
})
must(tokens.claims().aud === metadata.client_id, 'tokens')

if (profile.startsWith('encrypted')) must(client.getDecryptedResponses(tokens) !== undefined, 'decryption')
const who = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
must(who.family_name.length > 0, 'userinfo')
process.exit(0)
