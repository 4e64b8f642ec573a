// A portal without a server, on the npm package oidc-client-ts: code flow with PKCE, a token of its own for
// the API, renewal by a refresh token, sign-out. Tokens stay in this tab: sessionStorage, never localStorage.
const { origin, pathname } = window.location
const options = {
  authority: settings.authority,
  client_id: settings.client_id,
  redirect_uri: `${origin}/callback`,
  post_logout_redirect_uri: `${origin}/goodbye`,
  scope: 'openid profile offline_access',
  // The hub and the API: the first token is for the hub's userinfo, later ones are asked for the API.
  resource: [settings.authority, settings.api],
  automaticSilentRenew: false,
  requestTimeoutInSeconds: settings.timeout,
  userStore: new oidc.WebStorageStateStore({ store: window.sessionStorage })
}
const manager = new oidc.UserManager({ ...options, loadUserInfo: true })
// The same user, but renewals ask nobody who it is: a token for the API cannot read userinfo.
const forTheApi = new oidc.UserManager({ ...options, loadUserInfo: false })

const byId = (id) => document.getElementById(id)
const show = (id) => { byId(id).hidden = false }

// A token is for one audience (RFC 8707): with the hub's, the API could read the citizen's claims.
async function tokenForTheApi () {
  const renewed = await forTheApi.signinSilent({ resource: settings.api })
  return renewed.access_token
}

async function ask (path) {
  const token = await tokenForTheApi()
  const answer = await fetch(settings.api + path, { headers: { Authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer.json()
}

function persian (number) {
  return number.toLocaleString('fa-IR')
}

async function showRecord () {
  byId('name').textContent = window.sessionStorage.getItem('name')
  const record = await ask('contributions')
  byId('months').textContent = persian(record.months)
  byId('pension').textContent = persian(record.monthly_pension_rial)
  show('signed-in')
}

async function certify () {
  const record = await ask('contributions/certificate')
  byId('certificate').textContent = record.certified ? 'صادر شد' : 'صادر نشد'
}

// The user is kept once the ID token is verified, not before.
async function comeBack () {
  require(new URLSearchParams(window.location.search).get('iss') === settings.authority, 'response of another issuer')
  const unverified = new oidc.WebStorageStateStore({ store: new oidc.InMemoryWebStorage() })
  const arriving = new oidc.UserManager({ ...options, loadUserInfo: true, userStore: unverified })
  const user = await arriving.signinRedirectCallback()
  const keys = await manager.metadataService.getSigningKeys()
  const { authority: issuer, client_id: clientId, leeway } = settings
  await verify(user, user.state.nonce, { issuer, clientId, keys, leeway })
  await manager.storeUser(user)
  window.sessionStorage.setItem('name', user.profile.name)  // renewals have no claims of userinfo
  window.history.replaceState({}, '', '/')  // no code in the address bar
}

function signIn () {
  const nonce = crypto.randomUUID()
  return manager.signinRedirect({ nonce, state: { nonce } })
}

async function arrive () {
  if (pathname === '/goodbye') {
    await manager.signoutRedirectCallback()
    return show('gone')
  }
  if (pathname === '/callback') await comeBack()
  const user = await manager.getUser()
  return user ? showRecord() : show('signed-out')
}

function refused (error) {
  byId('why').textContent = error.error_description || error.error || String(error)
  byId('signed-in').hidden = true
  show('refused')
  manager.removeUser()
}

byId('sign-in').addEventListener('click', () => signIn().catch(refused))
byId('sign-out').addEventListener('click', () => manager.signoutRedirect().catch(refused))
byId('certify').addEventListener('click', () => certify().catch(refused))
arrive().catch(refused)
