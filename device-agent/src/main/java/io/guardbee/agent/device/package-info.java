/** One enrolled device: enrolling it, keeping it connected, renewing its certificate. */
@NullMarked
package io.guardbee.agent.device;

import org.jspecify.annotations.NullMarked;
