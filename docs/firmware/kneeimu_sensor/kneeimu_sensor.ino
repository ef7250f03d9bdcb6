// A kneeimu sensor on an Arduino Nano 33 BLE Sense Rev2 or a Seeed XIAO nRF52840 Sense.
// The profile itself is in kneeimu_profile.c; this sketch reads the motion chip and talks Bluetooth (ArduinoBLE).

#include <ArduinoBLE.h>
#include "kneeimu_profile.h"

#if defined(ARDUINO_ARDUINO_NANO33BLE)

// Library Arduino_BMI270_BMM150. It sets the chip to 99.84 Hz and 4 g and scales for these; a foot strike needs 16 g.
#include <Arduino_BMI270_BMM150.h>
#include <Wire.h>
static const uint32_t RATES_MHZ[] = {99840};
static const uint8_t BMI270_ADDRESS = 0x68, BMI270_ACC_RANGE = 0x41, BMI270_ACC_16G = 0x03;
static const float ACC_FACTOR = 16.0f / 4.0f;

static bool chip_begin() {
  if (!IMU.begin()) return false;
  Wire1.beginTransmission(BMI270_ADDRESS);
  Wire1.write(BMI270_ACC_RANGE);
  Wire1.write(BMI270_ACC_16G);
  return Wire1.endTransmission() == 0;
}

static bool chip_read(float acc_g[3], float gyr_dps[3]) {
  if (!IMU.accelerationAvailable() || !IMU.gyroscopeAvailable()) return false;
  if (!IMU.readAcceleration(acc_g[0], acc_g[1], acc_g[2])) return false;
  if (!IMU.readGyroscope(gyr_dps[0], gyr_dps[1], gyr_dps[2])) return false;
  for (int axis = 0; axis < 3; axis++) acc_g[axis] *= ACC_FACTOR;
  return true;
}

static int battery_percent() { return 100; }  // the board can't measure it

#else

// Library Seeed Arduino LSM6DS3, board package "Seeed nRF52 mbed-enabled Boards".
#include <LSM6DS3.h>
#include <Wire.h>
static const uint32_t RATES_MHZ[] = {104000};
static LSM6DS3 chip(I2C_MODE, 0x6A);

static bool chip_begin() {
  chip.settings.accelRange = 16;
  chip.settings.gyroRange = 2000;
  chip.settings.accelSampleRate = 104;
  chip.settings.gyroSampleRate = 104;
  return chip.begin() == 0;
}

static bool chip_read(float acc_g[3], float gyr_dps[3]) {
  uint8_t ready = 0;
  if (chip.readRegister(&ready, LSM6DS3_ACC_GYRO_STATUS_REG) != 0 || (ready & 0x03) != 0x03) return false;
  acc_g[0] = chip.readFloatAccelX();
  acc_g[1] = chip.readFloatAccelY();
  acc_g[2] = chip.readFloatAccelZ();
  gyr_dps[0] = chip.readFloatGyroX();
  gyr_dps[1] = chip.readFloatGyroY();
  gyr_dps[2] = chip.readFloatGyroZ();
  return true;
}

static int battery_percent() {  // two lithium cells' worth of accuracy: a straight line from 3.3 to 4.2 V
  digitalWrite(P0_14, LOW);     // connects the divider
  float volts = analogRead(P0_31) / 1023.0f * 3.3f * (1000.0f + 510.0f) / 510.0f;
  return constrain((int)((volts - 3.3f) / 0.9f * 100.0f), 0, 100);
}

#endif

// ArduinoBLE does not tell which MTU the central has asked for: one sample a packet fits them all.
static const uint16_t ATT_MTU = 23;
static const unsigned long CHIP_SILENT_MS = 500, BATTERY_MS = 30000;

static BLEService sensor_service(KNEEIMU_SERVICE_UUID);
static BLECharacteristic data(KNEEIMU_DATA_UUID, BLENotify, KNEEIMU_MAX_PACKET);
static BLECharacteristic control(KNEEIMU_CONTROL_UUID, BLEWrite | BLEIndicate, KNEEIMU_MAX_REPLY);
static BLECharacteristic state(KNEEIMU_STATE_UUID, BLERead, KNEEIMU_STATE_SIZE, true);
static BLEService battery_service("180f");
static BLEUnsignedCharCharacteristic battery("2a19", BLERead | BLENotify);
static BLEService information_service("180a");
static BLEStringCharacteristic maker("2a29", BLERead, 20), model("2a24", BLERead, 20), serial("2a25", BLERead, 20),
    firmware("2a26", BLERead, 20);

static kneeimu_sensor sensor;
static kneeimu_sample samples[KNEEIMU_MAX_SAMPLES];
static size_t waiting;             // samples in the packet that is being filled
static uint16_t sequence;          // number of the next sample
static uint32_t first_us, last_us;  // clock at the first sample of the packet, and at the newest
static float period_us;            // measured, smoothed

static void update_state() {
  uint8_t bytes[KNEEIMU_STATE_SIZE];
  kneeimu_state(&sensor, bytes);
  state.writeValue(bytes, sizeof bytes);
}

static void on_command(BLEDevice, BLECharacteristic written) {
  uint8_t reply[KNEEIMU_MAX_REPLY];
  size_t length = kneeimu_control(&sensor, written.value(), written.valueLength(), data.subscribed(), reply);
  if (reply[0] == (0x80 | KNEEIMU_START) && reply[1] == KNEEIMU_DONE) {
    sequence = 0;
    waiting = 0;
  }
  control.writeValue(reply, length);
  update_state();
}

static void on_disconnected(BLEDevice) {
  sensor.running = false;
  update_state();
}

static void send_packet() {
  uint8_t packet[KNEEIMU_MAX_PACKET];
  size_t n = waiting;
  waiting = 0;
  size_t length = kneeimu_encode(&sensor, samples, n, (uint16_t)(sequence - n), first_us, (uint16_t)period_us, packet);
  if (!data.writeValue(packet, length)) sensor.unsent += n;
}

static void take_sample() {
  float acc_g[3], gyr_dps[3];
  if (!chip_read(acc_g, gyr_dps)) return;
  uint32_t now_us = micros();
  float step_us = (float)(now_us - last_us);
  if (step_us < 2.0f * period_us) period_us += (step_us - period_us) / 64.0f;
  last_us = now_us;
  if (!sensor.running) return;
  if (waiting == 0) first_us = now_us;
  kneeimu_sample &sample = samples[waiting++];
  for (int axis = 0; axis < 3; axis++) {
    sample.value[axis] = kneeimu_quantise(acc_g[axis], sensor.acc_range_g);
    sample.value[3 + axis] = kneeimu_quantise(gyr_dps[axis], sensor.gyr_range_dps);
  }
  sequence++;
  if (waiting >= kneeimu_samples_per_packet(ATT_MTU, sensor.rate_mhz)) send_packet();
}

void setup() {
  kneeimu_init(&sensor, RATES_MHZ, sizeof RATES_MHZ / sizeof RATES_MHZ[0], RATES_MHZ[0]);
  period_us = 1e9f / RATES_MHZ[0];
  if (!chip_begin()) sensor.fault = KNEEIMU_CHIP_SILENT;
#if !defined(ARDUINO_ARDUINO_NANO33BLE)
  pinMode(P0_14, OUTPUT);
#endif
  if (!BLE.begin()) {
    pinMode(LED_BUILTIN, OUTPUT);
    for (;;) digitalWrite(LED_BUILTIN, (millis() / 100) % 2);
  }
  sensor_service.addCharacteristic(data);
  sensor_service.addCharacteristic(control);
  sensor_service.addCharacteristic(state);
  battery_service.addCharacteristic(battery);
  information_service.addCharacteristic(maker);
  information_service.addCharacteristic(model);
  information_service.addCharacteristic(serial);
  information_service.addCharacteristic(firmware);
  BLE.addService(sensor_service);
  BLE.addService(battery_service);
  BLE.addService(information_service);
  maker.writeValue("kneeimu");
  model.writeValue("DIY sensor");
  serial.writeValue(BLE.address());
  firmware.writeValue("1.0.0");
  control.setEventHandler(BLEWritten, on_command);
  BLE.setEventHandler(BLEDisconnected, on_disconnected);
  BLE.setConnectionInterval(6, 12);  // 7.5 to 15 ms
  BLE.setLocalName("kneeimu");
  BLE.setDeviceName("kneeimu");
  BLE.setAdvertisedService(sensor_service);
  battery.writeValue((uint8_t)battery_percent());
  update_state();
  last_us = micros();
  BLE.advertise();
}

void loop() {
  static unsigned long battery_ms;
  BLE.poll();
  take_sample();
  if (sensor.fault == KNEEIMU_DONE && micros() - last_us > CHIP_SILENT_MS * 1000) {
    sensor.fault = KNEEIMU_CHIP_SILENT;
    update_state();
  }
  if (millis() - battery_ms > BATTERY_MS) {
    battery_ms = millis();
    battery.writeValue((uint8_t)battery_percent());
  }
}
