/** Keys that the service makes for devices, and how they travel (RFC 7030 §4.4). */
@NullMarked
package io.guardbee.service.serverkey;

import org.jspecify.annotations.NullMarked;
