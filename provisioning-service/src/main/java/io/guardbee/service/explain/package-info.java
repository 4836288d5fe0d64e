/** Why a device, a certificate or a request gets what it gets, in words for a field engineer. */
@NullMarked
package io.guardbee.service.explain;

import org.jspecify.annotations.NullMarked;
