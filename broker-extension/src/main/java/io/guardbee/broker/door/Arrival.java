package io.guardbee.broker.door;

import io.guardbee.broker.clone.Place;
import org.jspecify.annotations.Nullable;

/** One CONNECT: who comes, from where, with what. */
record Arrival(String clientId, Visitor visitor, Place place, @Nullable Will will, Grip grip) {}
