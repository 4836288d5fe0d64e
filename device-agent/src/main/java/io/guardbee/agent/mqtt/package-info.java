/** One MQTT 5 connection over mutual TLS, with the reasons of every refusal. */
@NullMarked
package io.guardbee.agent.mqtt;

import org.jspecify.annotations.NullMarked;
