// A host in C++ against the vendor's headers: memory manager, connection, and calls by name. Every failed check
// ends the program with a sentence and status 1.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ComponentBase.h"
#include "AddInDefBase.h"
#include "IMemoryManager.h"
#include "httpconnector.h"

[[noreturn]] inline void fail(const std::string& what) {
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
}

inline void check(bool holds, const std::string& what) {
    if (!holds) fail(what);
}

inline std::string narrow(const std::u16string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        uint32_t c = text[i];
        if (c >= 0xD800 && c < 0xDC00 && i + 1 < text.size()) {
            c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00);
        }
        if (c < 0x80) {
            out += char(c);
        } else if (c < 0x800) {
            out += char(0xC0 | c >> 6);
            out += char(0x80 | (c & 63));
        } else if (c < 0x10000) {
            out += char(0xE0 | c >> 12);
            out += char(0x80 | (c >> 6 & 63));
            out += char(0x80 | (c & 63));
        } else {
            out += char(0xF0 | c >> 18);
            out += char(0x80 | (c >> 12 & 63));
            out += char(0x80 | (c >> 6 & 63));
            out += char(0x80 | (c & 63));
        }
    }
    return out;
}

/// Only ASCII goes in this direction.
inline std::u16string widen(const std::string& text) {
    return std::u16string(text.begin(), text.end());
}

class Memory : public IMemoryManager {
public:
    bool ADDIN_API AllocMemory(void** place, unsigned long bytes) override {
        std::lock_guard<std::mutex> lock(guard);
        *place = std::malloc(bytes ? bytes : 1);
        if (!*place) return false;
        std::memset(*place, 0xA5, bytes < 65536 ? bytes : 65536);
        live.insert(*place);
        return true;
    }

    void ADDIN_API FreeMemory(void** place) override {
        std::lock_guard<std::mutex> lock(guard);
        if (!*place) return;
        check(live.erase(*place) == 1, "memory freed that this manager never gave");
        std::free(*place);
        *place = nullptr;
    }

    size_t blocks() {
        std::lock_guard<std::mutex> lock(guard);
        return live.size();
    }

    bool owns(const void* block) {
        std::lock_guard<std::mutex> lock(guard);
        return live.count(const_cast<void*>(block)) == 1;
    }

private:
    std::mutex guard;
    std::set<void*> live;
};

class Connection : public IAddInDefBaseEx {
public:
    std::vector<std::string> errors;
    bool exception = false;

    bool ADDIN_API AddError(unsigned short, const WCHAR_T*, const WCHAR_T* text, long scode) override {
        errors.push_back(narrow(text));
        exception = exception || scode != 0;
        return true;
    }
    bool ADDIN_API Read(WCHAR_T*, tVariant*, long*, WCHAR_T**) override { return false; }
    bool ADDIN_API Write(WCHAR_T*, tVariant*) override { return false; }
    bool ADDIN_API RegisterProfileAs(WCHAR_T*) override { return true; }
    bool ADDIN_API SetEventBufferDepth(long) override { return true; }
    long ADDIN_API GetEventBufferDepth() override { return 1; }
    bool ADDIN_API ExternalEvent(WCHAR_T*, WCHAR_T*, WCHAR_T*) override { return true; }
    void ADDIN_API CleanEventBuffer() override {}
    bool ADDIN_API SetStatusLine(WCHAR_T*) override { return true; }
    void ADDIN_API ResetStatusLine() override {}
    IInterface* ADDIN_API GetInterface(Interfaces) override { return nullptr; }
};

/// The library, its exports typed by the header generated from the component's source.
struct Library {
    void* handle;
    decltype(&::GetClassNames) class_names;
    decltype(&::GetClassObject) class_object;
    decltype(&::DestroyObject) destroy_object;
    decltype(&::SetPlatformCapabilities) set_capabilities;
    decltype(&::GetAttachType) attach_type;

    explicit Library(const char* path) : handle(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        check(handle, handle ? "" : dlerror());
        find(class_names, "GetClassNames");
        find(class_object, "GetClassObject");
        find(destroy_object, "DestroyObject");
        find(set_capabilities, "SetPlatformCapabilities");
        find(attach_type, "GetAttachType");
        check(set_capabilities(eAppCapabilitiesLast) == eAppCapabilitiesLast, "capabilities");
        check(attach_type() == eCanAttachAny, "attach type");
    }

    void unload() { check(dlclose(handle) == 0, "dlclose"); }

private:
    template <class Function> void find(Function& place, const char* name) {
        place = reinterpret_cast<Function>(dlsym(handle, name));
        check(place, std::string("no export ") + name);
    }
};

/// One object, driven by name.
class Object {
public:
    Memory memory;
    Connection connection;
    IComponentBase* base = nullptr;

    Object(Library& library, const std::u16string& name) : library(library) {
        void* made = nullptr;
        check(library.class_object(reinterpret_cast<const uint16_t*>(name.c_str()), &made) != 0,
              "no object of class " + narrow(name));
        base = static_cast<IComponentBase*>(made);
        check(base->setMemManager(static_cast<IMemoryManager*>(&memory)), "setMemManager");
        check(base->Init(static_cast<IAddInDefBase*>(&connection)), "Init");
        base->SetLocale(u"ru_RU");
        base->SetUserInterfaceLanguageCode(u"ru");
    }

    Object(const Object&) = delete;

    ~Object() { check(!base, "an object was left"); }

    void destroy() {
        base->Done();
        void* place = base;
        check(library.destroy_object(&place) == 0 && !place, "DestroyObject");
        base = nullptr;
        check(memory.blocks() == 0, "memory left after DestroyObject");
    }

    void remove() {
        base->Done();
        delete base;
        base = nullptr;
        check(memory.blocks() == 0, "memory left after delete");
    }

    std::u16string take(const WCHAR_T* name) {
        check(name && memory.owns(name), "a name that is not in host memory");
        std::u16string text(name);
        void* place = const_cast<WCHAR_T*>(name);
        memory.FreeMemory(&place);
        return text;
    }

    /// Calls a function; arguments not given are passed as their defaults. False as the component's false.
    bool call(const char16_t* name, std::vector<tVariant> given, tVariant& result) {
        long method = base->FindMethod(name);
        check(method >= 0, "no method " + narrow(name));
        check(base->HasRetVal(method), narrow(name) + " returns nothing");
        long count = base->GetNParams(method);
        check(long(given.size()) <= count, "too many arguments for " + narrow(name));
        size_t own = given.size();
        for (long i = long(own); i < count; ++i) {
            tVariant value;
            tVarInit(&value);
            check(base->GetParamDefValue(method, i, &value), "GetParamDefValue");
            check(value.vt != VTYPE_EMPTY, "an argument without default is missing");
            given.push_back(value);
        }
        connection.errors.clear();
        tVarInit(&result);
        bool done = base->CallAsFunc(method, &result, given.data(), count);
        for (size_t i = own; i < given.size(); ++i) release(given[i]);
        return done;
    }

    std::u16string text(const char16_t* name, std::vector<tVariant> given = {}) {
        tVariant result;
        check(call(name, std::move(given), result), narrow(name) + " failed: " + told());
        return take_text(result);
    }

    int32_t number(const char16_t* property) {
        tVariant value = read(property);
        check(value.vt == VTYPE_I4, narrow(property) + " is not a number");
        return value.lVal;
    }

    std::u16string text_property(const char16_t* property) {
        tVariant value = read(property);
        return take_text(value);
    }

    std::string told() {
        std::string all;
        for (auto& error : connection.errors) all += error + "\n";
        return all;
    }

    void release(tVariant& value) {
        if (value.vt == VTYPE_PWSTR || value.vt == VTYPE_BLOB) {
            void* place = value.pstrVal;
            memory.FreeMemory(&place);
        }
    }

private:
    Library& library;

    tVariant read(const char16_t* property) {
        long index = base->FindProp(property);
        check(index >= 0 && base->IsPropReadable(index), "no readable property " + narrow(property));
        tVariant value;
        tVarInit(&value);
        check(base->GetPropVal(index, &value), narrow(property) + ": " + told());
        return value;
    }

    std::u16string take_text(tVariant& value) {
        check(value.vt == VTYPE_PWSTR, "not a string");
        check(memory.owns(value.pwstrVal), "a string that is not in host memory");
        std::u16string text(value.pwstrVal, value.wstrLen);
        check(value.pwstrVal[value.wstrLen] == 0, "no NUL behind a string");
        release(value);
        return text;
    }
};

/// A string argument; the text must outlive the call.
inline tVariant argument(const std::u16string& text) {
    tVariant value;
    tVarInit(&value);
    value.vt = VTYPE_PWSTR;
    value.pwstrVal = const_cast<char16_t*>(text.data());
    value.wstrLen = uint32_t(text.size());
    return value;
}

/// A binary argument, in place.
inline tVariant argument(const std::vector<char>& bytes) {
    tVariant value;
    tVarInit(&value);
    value.vt = VTYPE_BLOB;
    value.pstrVal = const_cast<char*>(bytes.data());
    value.strLen = uint32_t(bytes.size());
    return value;
}
