// Keeps node-oidc-provider's models in Redis: JSON, which ends by itself; what can be consumed is a hash.
import Redis from 'ioredis';

export const redis = new Redis(process.env.REDIS_URL);

const CONSUMED = new Set(['AuthorizationCode', 'RefreshToken']);
const OF_A_GRANT = new Set(['AccessToken', ...CONSUMED]);

export class RedisAdapter {
  constructor(model) {
    this.model = model;
    this.isConsumed = CONSUMED.has(model);
  }

  key(id) { return `${this.model}:${id}`; }

  async upsert(id, payload, seconds) {
    const key = this.key(id);
    const text = JSON.stringify(payload);
    const together = redis.multi();
    if (this.isConsumed) together.hset(key, 'payload', text).expire(key, seconds);
    else together.set(key, text, 'EX', seconds);
    if (payload.grantId && OF_A_GRANT.has(this.model)) {
      together.rpush(`grant:${payload.grantId}`, key).expire(`grant:${payload.grantId}`, 14 * 86400);
    }
    if (payload.uid) together.set(`uid:${payload.uid}`, id, 'EX', seconds);
    await together.exec();
  }

  async find(id) {
    if (!this.isConsumed) {
      const text = await redis.get(this.key(id));
      return text ? JSON.parse(text) : undefined;
    }
    const { payload, ...state } = await redis.hgetall(this.key(id));
    return payload ? { ...state, ...JSON.parse(payload) } : undefined;
  }

  async findByUid(uid) {
    const id = await redis.get(`uid:${uid}`);
    return id ? this.find(id) : undefined;
  }

  consume(id) { return redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000)); }

  destroy(id) { return redis.del(this.key(id)); }

  async revokeByGrantId(grantId) {
    const keys = await redis.lrange(`grant:${grantId}`, 0, -1);
    await redis.del(`grant:${grantId}`, ...keys);
  }
}
