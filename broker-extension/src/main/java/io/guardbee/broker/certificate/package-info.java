/** What MQTT listeners present: a key, and a short-lived certificate that renews itself. */
@NullMarked
package io.guardbee.broker.certificate;

import org.jspecify.annotations.NullMarked;
