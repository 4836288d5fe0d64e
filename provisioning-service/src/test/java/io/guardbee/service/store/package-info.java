@NullMarked
package io.guardbee.service.store;

import org.jspecify.annotations.NullMarked;
