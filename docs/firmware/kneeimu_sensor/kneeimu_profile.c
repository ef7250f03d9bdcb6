#include "kneeimu_profile.h"

static const uint8_t ACC_RANGES_G[4] = {2, 4, 8, 16};
static const uint16_t GYR_RANGES_DPS[4] = {250, 500, 1000, 2000};

static uint8_t *put16(uint8_t *out, uint16_t value) {
  *out++ = (uint8_t)(value & 0xFF);
  *out++ = (uint8_t)(value >> 8);
  return out;
}

static uint8_t *put32(uint8_t *out, uint32_t value) {
  return put16(put16(out, (uint16_t)(value & 0xFFFF)), (uint16_t)(value >> 16));
}

static uint8_t acc_code(uint8_t range_g) {
  uint8_t code = 0;
  while (code < 3 && ACC_RANGES_G[code] < range_g) code++;
  return code;
}

static uint8_t gyr_code(uint16_t range_dps) {
  uint8_t code = 0;
  while (code < 3 && GYR_RANGES_DPS[code] < range_dps) code++;
  return code;
}

void kneeimu_init(kneeimu_sensor *sensor, const uint32_t *rates_mhz, size_t n_rates, uint32_t rate_mhz) {
  sensor->rates_mhz = rates_mhz;
  sensor->n_rates = n_rates;
  sensor->rate_mhz = rate_mhz;
  sensor->fault = KNEEIMU_DONE;
  sensor->acc_range_g = ACC_RANGES_G[3];
  sensor->gyr_range_dps = GYR_RANGES_DPS[3];
  sensor->running = false;
  sensor->unsent = 0;
}

size_t kneeimu_samples_per_packet(uint16_t att_mtu, uint32_t rate_mhz) {
  size_t room = att_mtu < 25 ? 1 : (size_t)(att_mtu - 13) / 12;
  size_t patience = (size_t)((uint64_t)rate_mhz * KNEEIMU_MAX_HOLD_MS / 1000000u);
  size_t n = room < patience ? room : patience;
  if (n > KNEEIMU_MAX_SAMPLES) n = KNEEIMU_MAX_SAMPLES;
  return n < 1 ? 1 : n;
}

int16_t kneeimu_quantise(float value, float range) {
  float share = value / range * 32768.0f;
  if (!(share > -32768.0f)) return share != share ? 0 : -32768; /* not a number reads 0 */
  if (share >= 32767.0f) return 32767;
  return (int16_t)(share < 0 ? share - 0.5f : share + 0.5f);
}

size_t kneeimu_encode(const kneeimu_sensor *sensor, const kneeimu_sample *samples, size_t n, uint16_t seq,
                      uint32_t time_us, uint16_t period_us, uint8_t *out) {
  uint8_t *end = out;
  size_t i, axis;
  if (n < 1 || n > KNEEIMU_MAX_SAMPLES) return 0;
  *end++ = (uint8_t)(KNEEIMU_VERSION | acc_code(sensor->acc_range_g) << 4 | gyr_code(sensor->gyr_range_dps) << 6);
  *end++ = (uint8_t)n;
  end = put16(end, seq);
  end = put32(end, time_us);
  if (n > 1) end = put16(end, period_us);
  for (i = 0; i < n; i++)
    for (axis = 0; axis < 6; axis++) end = put16(end, (uint16_t)samples[i].value[axis]);
  return (size_t)(end - out);
}

/* Each command gives its status and puts the data of its reply, if it is done, at *data. */

static uint8_t start(kneeimu_sensor *sensor, bool data_subscribed, uint8_t **data) {
  if (sensor->fault) return sensor->fault;
  if (!data_subscribed) return KNEEIMU_NOBODY_LISTENS;
  sensor->running = true;
  sensor->unsent = 0;
  *data = put32(*data, sensor->rate_mhz);
  *(*data)++ = sensor->acc_range_g;
  *data = put16(*data, sensor->gyr_range_dps);
  return KNEEIMU_DONE;
}

static uint8_t set_rate(kneeimu_sensor *sensor, uint16_t rate_hz, uint8_t **data) {
  size_t i = 0;
  if (sensor->running) return KNEEIMU_NOT_NOW;
  if (rate_hz == 0) return KNEEIMU_OUT_OF_REACH;
  while (i + 1 < sensor->n_rates && sensor->rates_mhz[i] < (uint32_t)rate_hz * 1000u) i++;
  sensor->rate_mhz = sensor->rates_mhz[i];
  *data = put32(*data, sensor->rate_mhz);
  return KNEEIMU_DONE;
}

static uint8_t set_range(kneeimu_sensor *sensor, uint8_t acc_g, uint16_t gyr_dps, uint8_t **data) {
  if (sensor->running) return KNEEIMU_NOT_NOW;
  if (acc_g > ACC_RANGES_G[3] || gyr_dps > GYR_RANGES_DPS[3]) return KNEEIMU_OUT_OF_REACH;
  sensor->acc_range_g = ACC_RANGES_G[acc_code(acc_g)];
  sensor->gyr_range_dps = GYR_RANGES_DPS[gyr_code(gyr_dps)];
  *(*data)++ = sensor->acc_range_g;
  *data = put16(*data, sensor->gyr_range_dps);
  return KNEEIMU_DONE;
}

size_t kneeimu_control(kneeimu_sensor *sensor, const uint8_t *command, size_t length, bool data_subscribed,
                       uint8_t reply[KNEEIMU_MAX_REPLY]) {
  static const size_t argument_length[4] = {0, 0, 2, 3};
  uint8_t code = length ? command[0] : 0xFF;
  uint8_t status = KNEEIMU_UNKNOWN_COMMAND;
  uint8_t *data = reply + 2;
  if (code < 4) {
    if (length - 1 != argument_length[code]) {
      status = KNEEIMU_WRONG_LENGTH;
    } else if (code == KNEEIMU_STOP) {
      sensor->running = false;
      status = KNEEIMU_DONE;
    } else if (code == KNEEIMU_START) {
      status = start(sensor, data_subscribed, &data);
    } else if (code == KNEEIMU_SET_RATE) {
      status = set_rate(sensor, (uint16_t)(command[1] | command[2] << 8), &data);
    } else {
      status = set_range(sensor, command[1], (uint16_t)(command[2] | command[3] << 8), &data);
    }
  }
  reply[0] = (uint8_t)(0x80 | code);
  reply[1] = status;
  return (size_t)(data - reply);
}

void kneeimu_state(const kneeimu_sensor *sensor, uint8_t out[KNEEIMU_STATE_SIZE]) {
  uint8_t *end = out;
  *end++ = KNEEIMU_VERSION;
  *end++ = sensor->running ? 1 : 0;
  end = put32(end, sensor->rate_mhz);
  *end++ = sensor->acc_range_g;
  end = put16(end, sensor->gyr_range_dps);
  *end++ = sensor->fault == KNEEIMU_CHIP_SILENT ? KNEEIMU_CHIP_SILENT : KNEEIMU_DONE;
  put32(end, sensor->unsent);
}
