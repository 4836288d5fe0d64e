/** The registry of devices and what is known of their certificates. */
@NullMarked
package io.guardbee.service.device;

import org.jspecify.annotations.NullMarked;
