package io.guardbee.broker.door;

/** What a client wants published when it is lost (MQTT 5 §3.1.2.5): a publish like any other. */
record Will(String topic, int qos, boolean retain) {}
