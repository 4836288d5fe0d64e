@NullMarked
package io.guardbee.service.http;

import org.jspecify.annotations.NullMarked;
